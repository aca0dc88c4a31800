package dev.upkeep.planted.injectionisbyconstructor.planner.desk;

import jakarta.inject.Inject;

/** A desk whose needs show only when it fails. */
class GuiltyDesk {
    @Inject
    Runnable needed;
}
