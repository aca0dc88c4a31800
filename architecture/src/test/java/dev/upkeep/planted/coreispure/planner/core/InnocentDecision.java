package dev.upkeep.planted.coreispure.planner.core;

import java.time.Instant;

/** A core that only knows Java. */
record InnocentDecision(String next, Instant at) {}
