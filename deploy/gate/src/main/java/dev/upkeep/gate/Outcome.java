package dev.upkeep.gate;

/** What became of an order. */
sealed interface Outcome {
    /** The gate stands as ordered, on disk as well. */
    record Obeyed(Position position) implements Outcome {}

    /** The order came from an attempt that a later one has overtaken. */
    record Overtaken(long currentToken) implements Outcome {}
}
