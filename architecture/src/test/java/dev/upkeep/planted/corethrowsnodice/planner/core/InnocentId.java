package dev.upkeep.planted.corethrowsnodice.planner.core;

import java.util.UUID;

/** An id from the caller. */
record InnocentId(UUID value) {}
