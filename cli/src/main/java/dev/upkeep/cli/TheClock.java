package dev.upkeep.cli;

import java.time.Clock;
import java.time.InstantSource;

/** The one clock of the command line. */
final class TheClock {
    private TheClock() {}

    static InstantSource system() {
        return Clock.systemUTC();
    }
}
