package dev.upkeep.executor.driver.gate;

/** How a gate stands. */
record Standing(String state, long token, int inFlight, int retryAfter) {
    boolean parked() {
        return state.equals("parked");
    }
}
