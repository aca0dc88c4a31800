package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Short ways through a tree that a schema has found well-formed. */
final class Nodes {
    private Nodes() {}

    static String text(JsonNode node, String key, String otherwise) {
        return node.path(key).asText(otherwise);
    }

    static Duration span(JsonNode node, String key, Duration otherwise) {
        return node.has(key) ? Duration.parse(node.get(key).asText()) : otherwise;
    }

    static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
        List<T> items = new ArrayList<>();
        array.forEach(item -> items.add(each.apply(item)));
        return items;
    }

    static <K, V> Map<K, V> map(JsonNode object, Function<String, K> key, Function<JsonNode, V> value) {
        Map<K, V> entries = new LinkedHashMap<>();
        object.properties().forEach(e -> entries.put(key.apply(e.getKey()), value.apply(e.getValue())));
        return entries;
    }

    static Map<String, String> texts(JsonNode object) {
        return map(object, k -> k, JsonNode::asText);
    }

    static Map<String, ComponentName> roles(JsonNode object) {
        return map(object, k -> k, v -> new ComponentName(v.asText()));
    }

    /** Visits an array's items with their pointers. */
    static void each(JsonNode array, String pointer, BiConsumer<String, JsonNode> visit) {
        for (int i = 0; i < array.size(); i++) {
            visit.accept(pointer + "/" + i, array.get(i));
        }
    }
}
