package dev.upkeep.planner.document;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a text into a tree and remembers where everything stood; a YAML alias becomes a copy of what its anchor names. */
final class TreeReader {
    /** More than any document needs; a few aliases of aliases would otherwise fill the memory. */
    private static final int MOST_NODES = 200_000;

    private final JsonParser parser;
    private final JsonNodeFactory nodes = JsonNodeFactory.instance;
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, JsonNode> anchored = new HashMap<>();
    private int count;

    TreeReader(JsonParser parser) {
        this.parser = parser;
    }

    Written read() throws IOException, Refused {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw refused("the document is no mapping", "send key: value pairs");
        }
        JsonNode tree = node("");
        if (parser.nextToken() != null) {
            throw refused("there is something after the document", "send one document at a time");
        }
        return new Written(tree, places);
    }

    private JsonNode node(String pointer) throws IOException, Refused {
        places.putIfAbsent(pointer, place());
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            JsonNode original = anchored.get(parser.getText());
            if (original == null) {
                throw refused(
                        "no list or mapping before has the anchor &" + parser.getText(),
                        "set the anchor at a list or mapping that ends before its alias, or repeat the value");
            }
            return copy(original);
        }
        // The parser tells the anchors of lists and mappings alone; at a text it still tells the last one.
        Object anchor = parser.currentToken().isStructStart() ? parser.getObjectId() : null;
        JsonNode node = value(pointer);
        if (anchor != null) {
            anchored.put(anchor.toString(), node);
        }
        return node;
    }

    private JsonNode value(String pointer) throws IOException, Refused {
        countOne();
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(pointer);
            case START_ARRAY -> array(pointer);
            case VALUE_TRUE -> nodes.booleanNode(true);
            case VALUE_FALSE -> nodes.booleanNode(false);
            case VALUE_NULL -> nodes.nullNode();
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> nodes.numberNode(parser.getIntValue());
                    case LONG -> nodes.numberNode(parser.getLongValue());
                    case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> nodes.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
            case VALUE_STRING -> nodes.textNode(parser.getText());
            case VALUE_EMBEDDED_OBJECT, FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE ->
                throw refused("this is no text, number, list or mapping", "write one of them");
        };
    }

    private ObjectNode object(String pointer) throws IOException, Refused {
        ObjectNode object = nodes.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            String member = pointer + "/" + Kind.escaped(key);
            places.put(member, place());
            parser.nextToken();
            object.set(key, node(member));
        }
        return object;
    }

    private ArrayNode array(String pointer) throws IOException, Refused {
        ArrayNode array = nodes.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(node(pointer + "/" + array.size()));
        }
        return array;
    }

    private JsonNode copy(JsonNode original) throws Refused {
        countOne();
        if (original.isObject()) {
            ObjectNode copy = nodes.objectNode();
            for (Map.Entry<String, JsonNode> entry : original.properties()) {
                copy.set(entry.getKey(), copy(entry.getValue()));
            }
            return copy;
        }
        if (original.isArray()) {
            ArrayNode copy = nodes.arrayNode();
            for (JsonNode item : original) {
                copy.add(copy(item));
            }
            return copy;
        }
        return original;
    }

    private void countOne() throws Refused {
        count++;
        if (count > MOST_NODES) {
            throw refused(
                    "the document is too large", "send one of fewer parts; aliases count with all that they stand for");
        }
    }

    private Place place() {
        return place(parser.currentTokenLocation());
    }

    static Place place(JsonLocation location) {
        return new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    private Refused refused(String detail, String fix) {
        return new Refused(List.of(new Problem("", detail, fix)), place());
    }
}
