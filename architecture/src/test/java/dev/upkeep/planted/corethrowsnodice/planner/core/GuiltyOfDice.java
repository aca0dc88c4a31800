package dev.upkeep.planted.corethrowsnodice.planner.core;

import java.util.UUID;

/** A core that makes ids. */
final class GuiltyOfDice {
    String id() {
        return UUID.randomUUID().toString();
    }
}
