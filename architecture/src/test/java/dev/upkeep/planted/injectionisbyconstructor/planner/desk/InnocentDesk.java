package dev.upkeep.planted.injectionisbyconstructor.planner.desk;

import jakarta.inject.Inject;

/** A desk that says what it needs. */
class InnocentDesk {
    final Runnable needed;

    @Inject
    InnocentDesk(Runnable needed) {
        this.needed = needed;
    }
}
