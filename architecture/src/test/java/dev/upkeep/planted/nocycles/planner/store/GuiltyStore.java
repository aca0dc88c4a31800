package dev.upkeep.planted.nocycles.planner.store;

import dev.upkeep.planted.nocycles.planner.desk.GuiltyDesk;

/** The other half of a circle. */
public interface GuiltyStore {
    /** Saves its own caller. */
    void save(GuiltyDesk desk);
}
