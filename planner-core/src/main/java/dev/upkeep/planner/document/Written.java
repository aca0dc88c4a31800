package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A document as somebody wrote it.
 *
 * @param places by JSON pointer, where each key and each item of a list begins
 */
public record Written(JsonNode tree, Map<String, Place> places) {
    public Written {
        places = Map.copyOf(places);
    }

    /** Where a pointer leads to; what is missing is missing where the nearest thing around it begins. */
    public Place at(String pointer) {
        String there = pointer;
        while (!places.containsKey(there) && !there.isEmpty()) {
            there = there.substring(0, Math.max(0, there.lastIndexOf('/')));
        }
        return places.getOrDefault(there, Place.START);
    }
}
