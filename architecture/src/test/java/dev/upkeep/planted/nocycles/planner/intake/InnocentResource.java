package dev.upkeep.planted.nocycles.planner.intake;

import dev.upkeep.planted.nocycles.planner.desk.GuiltyDesk;

/** A user of the circle that is no part of it. */
record InnocentResource(GuiltyDesk desk) {}
