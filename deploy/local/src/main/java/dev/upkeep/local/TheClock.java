package dev.upkeep.local;

import java.time.Clock;
import java.time.InstantSource;

/** The one clock of the launcher. */
final class TheClock {
    private TheClock() {}

    static InstantSource system() {
        return Clock.systemUTC();
    }
}
