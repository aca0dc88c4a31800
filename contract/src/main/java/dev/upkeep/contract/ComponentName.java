package dev.upkeep.contract;

/** A separately deployable part of a product. */
public record ComponentName(String value) {
    public ComponentName {
        Shape.name("component", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
