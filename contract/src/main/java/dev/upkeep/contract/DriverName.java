package dev.upkeep.contract;

/** The adapter that carries steps out on a platform. */
public record DriverName(String value) {
    public DriverName {
        Shape.name("driver", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
