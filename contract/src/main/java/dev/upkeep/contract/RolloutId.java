package dev.upkeep.contract;

/** One release going out to a fleet. */
public record RolloutId(String value) {
    public RolloutId {
        Shape.id("rollout", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
