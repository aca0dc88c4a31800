package dev.upkeep.planted.nocycles.planner.desk;

import dev.upkeep.planted.nocycles.planner.store.GuiltyStore;

/** One half of a circle. */
public record GuiltyDesk(GuiltyStore store) {}
