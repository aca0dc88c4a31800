package dev.upkeep.contract;

/** An ordered group of tenants within a rollout. */
public record RingName(String value) {
    public RingName {
        Shape.name("ring", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
