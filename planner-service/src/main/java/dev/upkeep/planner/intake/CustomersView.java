package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a customer is shown of its own: what happens to it and why, and not by which hosts, files and users it is done.
 */
final class CustomersView {
    /** Named one by one, so that what is added for operators stays with them. */
    private static final List<String> OF_AN_UPGRADE = List.of(
            "id",
            "tenant",
            "account",
            "product",
            "from",
            "to",
            "installed",
            "hop",
            "ahead",
            "ring",
            "state",
            "step",
            "reason",
            "announcedAt",
            "startedAt",
            "endedAt",
            "plan");

    private CustomersView() {}

    /** A tenant's document without its components' settings. */
    static ObjectNode tenant(ObjectNode document) {
        ObjectNode shown = document.deepCopy();
        for (JsonNode component : shown.path("components")) {
            if (component instanceof ObjectNode settled) {
                settled.remove("settings");
            }
        }
        return shown;
    }

    /** An upgrade without its facts, its attempts and its ways out. */
    static Map<String, Object> upgrade(Map<String, Object> upgrade) {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (String key : OF_AN_UPGRADE) {
            Object value = upgrade.get(key);
            if (value != null) {
                shown.put(key, value);
            }
        }
        return shown;
    }
}
