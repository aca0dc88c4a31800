package dev.upkeep.gate;

/** What an attempt asks of the gate, under its token. */
record Order(State state, long token, int retryAfter) {}
