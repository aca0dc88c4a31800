package dev.upkeep.gate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads and writes flat JSON objects on the streaming parser alone, to keep the program small. */
final class Json {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** Texts, longs, doubles and booleans by name. */
    static Map<String, Object> object(byte[] bytes) {
        Map<String, Object> fields = new LinkedHashMap<>();
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                fields.put(
                        name,
                        switch (token) {
                            case VALUE_STRING -> parser.getText();
                            case VALUE_NUMBER_INT -> parser.getLongValue();
                            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
                            case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
                            case VALUE_NULL,
                                    START_OBJECT,
                                    START_ARRAY,
                                    END_ARRAY,
                                    END_OBJECT,
                                    FIELD_NAME,
                                    NOT_AVAILABLE,
                                    VALUE_EMBEDDED_OBJECT ->
                                throw new IllegalArgumentException(name + " is neither a text nor a number");
                        });
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("something follows the JSON object");
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
        return fields;
    }

    static byte[] bytes(Map<String, Object> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            generator.writeStartObject();
            for (Map.Entry<String, Object> field : fields.entrySet()) {
                switch (field.getValue()) {
                    case Integer number -> generator.writeNumberField(field.getKey(), number);
                    case Long number -> generator.writeNumberField(field.getKey(), number);
                    case Object text -> generator.writeStringField(field.getKey(), text.toString());
                }
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static Map<String, Object> position(Position position) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("state", position.state().word());
        fields.put("token", position.token());
        fields.put("retryAfter", position.retryAfter());
        fields.put("since", position.since());
        return fields;
    }
}
