package dev.upkeep.planner.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;

/** YAML or JSON as a tree; a key that is given twice is refused, for only one of the two would count. */
public final class Text {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Text() {}

    /** Reads a document. */
    public static JsonNode tree(String text, boolean yaml) throws Refused {
        try {
            JsonNode tree = (yaml ? YAML : JSON).readTree(text);
            if (tree == null || !tree.isObject()) {
                throw new Refused(List.of(new Problem("", "the document is no mapping", "send key: value pairs")));
            }
            return tree;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")";
            throw new Refused(List.of(new Problem(
                    "",
                    (yaml ? "no readable YAML: " : "no readable JSON: ") + e.getOriginalMessage() + where,
                    "correct the text there")));
        }
    }

    /** Reads what {@link #canonical} wrote. */
    public static JsonNode stored(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a stored document can't be read", bug);
        }
    }

    /** The one way to write a document: the same content gives the same text, whatever the order of its keys was. */
    public static String canonical(JsonNode tree) {
        try {
            return CANONICAL.writeValueAsString(CANONICAL.treeToValue(tree, Object.class));
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a document can't be written", bug);
        }
    }
}
