package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    static <T> Optional<T> optional(JsonNode node, String key, Function<String, T> read) {
        return node.has(key) ? Optional.of(read.apply(node.get(key).asText())) : Optional.empty();
    }

    static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
        List<T> items = new ArrayList<>();
        array.forEach(item -> items.add(each.apply(item)));
        return items;
    }

    static <T> Set<T> set(JsonNode array, Function<String, T> each) {
        return new HashSet<>(list(array, item -> each.apply(item.asText())));
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

    static List<ComponentName> names(JsonNode array) {
        return list(array, name -> new ComponentName(name.asText()));
    }

    /** The constant that a word stands for, such as {@code self-hosted}. */
    static <E extends Enum<E>> E constant(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The constant that the word at a key stands for. */
    static <E extends Enum<E>> E constant(JsonNode node, String key, E otherwise) {
        return node.has(key)
                ? constant(otherwise.getDeclaringClass(), node.get(key).asText())
                : otherwise;
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Visits an array's items with their pointers; whatever else it is, the schema has complained of. */
    static void each(JsonNode array, String pointer, BiConsumer<String, JsonNode> visit) {
        if (array.isArray()) {
            for (int i = 0; i < array.size(); i++) {
                visit.accept(pointer + "/" + i, array.get(i));
            }
        }
    }

    /** The key at a pointer's end. */
    static String lastKey(String pointer) {
        return pointer.substring(pointer.lastIndexOf('/') + 1)
                .replace("~1", "/")
                .replace("~0", "~");
    }

    /** Visits an object's values with their pointers. */
    static void eachValue(JsonNode object, String pointer, BiConsumer<String, JsonNode> visit) {
        object.properties()
                .forEach(entry -> visit.accept(pointer + "/" + Kind.escaped(entry.getKey()), entry.getValue()));
    }
}
