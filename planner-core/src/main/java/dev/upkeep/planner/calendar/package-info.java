/** When windows open, by the rules of iCalendar and of the zones' clocks: the adapter of the core's {@code Openings}. */
@NullMarked
package dev.upkeep.planner.calendar;

import org.jspecify.annotations.NullMarked;
