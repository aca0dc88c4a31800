/** A rollout run over a fleet in virtual time, before it starts. */
@NullMarked
package dev.upkeep.planner.core.forecast;

import org.jspecify.annotations.NullMarked;
