/** Openings by example, and against an oracle that looks at every minute. */
@NullMarked
package dev.upkeep.planner.calendar;

import org.jspecify.annotations.NullMarked;
