package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.List;

/**
 * When windows open; rules of recurrence and of the zones' clocks stand behind it, and nothing else: the same windows
 * and the same instant give the same openings.
 *
 * <p>A local time that a change of the clocks skips moves on by the length of the gap; one that occurs twice is the
 * first of the two. Openings that overlap or touch are one, up to a length of two months: who has windows that are
 * always open gets openings one after the other.
 */
@FunctionalInterface
public interface Openings {
    /**
     * The first openings that end after an instant, in their order; fewer than asked for where no more follow.
     *
     * @throws IllegalArgumentException if a window's rule can't be read or names no time
     */
    List<Opening> after(List<Window> windows, Instant at, int most);
}
