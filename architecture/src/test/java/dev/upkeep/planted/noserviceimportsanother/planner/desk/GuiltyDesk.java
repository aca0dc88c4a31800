package dev.upkeep.planted.noserviceimportsanother.planner.desk;

import dev.upkeep.planted.noserviceimportsanother.executor.run.Words;

/** A desk that reaches into another service. */
final class GuiltyDesk {
    String word() {
        return Words.OF_THE_EXECUTOR;
    }

    Words words() {
        return new Words();
    }
}
