package dev.upkeep.contract;

/** One action on one component, unique within its upgrade. */
public record StepId(String value) {
    public StepId {
        Shape.id("step", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
