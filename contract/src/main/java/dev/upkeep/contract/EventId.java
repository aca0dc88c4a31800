package dev.upkeep.contract;

/** The identity by which consumers recognise a redelivered event. */
public record EventId(String value) {
    public EventId {
        Shape.id("event id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
