package dev.upkeep.planted.corethrowsnodice.planner.core;

import java.util.concurrent.ExecutorService;

/** A core that starts work elsewhere. */
interface GuiltyOfThreads {
    void decide(ExecutorService threads);
}
