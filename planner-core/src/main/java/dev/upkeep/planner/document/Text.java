package dev.upkeep.planner.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** YAML or JSON as a tree; a key that is given twice is refused, for only one of the two would count. */
public final class Text {
    private static final StreamReadConstraints BOUNDS =
            StreamReadConstraints.builder().maxNestingDepth(50).build();
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(BOUNDS)
            .build();
    // Without the feature, no, off and their like would be booleans, as nobody expects who writes a sentence.
    private static final JsonFactory YAML = YAMLFactory.builder()
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(BOUNDS)
            .build();
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Text() {}

    /** Reads a document. */
    public static JsonNode tree(String text, boolean yaml) throws Refused {
        return written(text, yaml).tree();
    }

    /** Reads a document, and where in the text each part of it stands. */
    public static Written written(String text, boolean yaml) throws Refused {
        try (JsonParser parser = (yaml ? YAML : JSON).createParser(text)) {
            return new TreeReader(parser).read();
        } catch (JsonProcessingException e) {
            Place place = e.getLocation() == null ? Place.START : TreeReader.place(e.getLocation());
            throw new Refused(
                    List.of(new Problem(
                            "",
                            (yaml ? "no readable YAML: " : "no readable JSON: ") + e.getOriginalMessage() + " (line "
                                    + place.line() + ", column " + place.column() + ")",
                            "correct the text there")),
                    place);
        } catch (IOException bug) {
            throw new UncheckedIOException("a text in memory can't be read", bug);
        }
    }

    /** Reads what {@link #canonical} wrote. */
    public static JsonNode stored(String json) {
        try {
            return CANONICAL.readTree(json);
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
