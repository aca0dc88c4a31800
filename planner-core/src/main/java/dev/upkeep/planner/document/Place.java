package dev.upkeep.planner.document;

/**
 * Where something stands in a text.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) {
    static final Place START = new Place(1, 1);
}
