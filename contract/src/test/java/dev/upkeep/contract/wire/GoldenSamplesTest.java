package dev.upkeep.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is on the wire today must be readable by the services of the next minor: the samples are that promise. */
class GoldenSamplesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void hasASampleOfEveryEventTypeThereIs() {
        assertThat(Samples.EVENTS.stream().map(Wire::type)).containsExactlyInAnyOrderElementsOf(Wire.eventTypes());
    }

    @Test
    void writesEveryEventAsItsGoldenSampleShowsIt() throws Exception {
        for (Event event : Samples.EVENTS) {
            assertThat(JSON.readTree(Wire.body(event))).as(Wire.type(event)).isEqualTo(golden(event));
        }
    }

    @Test
    void readsEveryGoldenSampleAsTheEventItShows() throws Exception {
        for (Event event : Samples.EVENTS) {
            Envelope sample = new Envelope(new EventId("e-1"), "planner", Instant.EPOCH, event);

            Envelope read = Wire.read(Wire.headers(sample), JSON.writeValueAsBytes(golden(event)));

            assertThat(read).isEqualTo(sample);
        }
    }

    @Test
    void acceptsEveryGoldenSampleByItsSchemaAndRefusesItWithoutAnyOfItsRequiredMembers() throws Exception {
        for (Event event : Samples.EVENTS) {
            Schema schema = schema(event);
            ObjectNode golden = (ObjectNode) golden(event);
            assertThat(schema.validate(golden.toString(), InputFormat.JSON))
                    .as(Wire.type(event))
                    .isEmpty();
            List<String> required = new ArrayList<>();
            JSON.readTree(text(schemaPath(event))).get("required").forEach(name -> required.add(name.asText()));
            assertThat(required).as(Wire.type(event)).isNotEmpty();
            for (String name : required) {
                ObjectNode without = golden.deepCopy();
                without.remove(name);
                assertThat(schema.validate(without.toString(), InputFormat.JSON))
                        .as(Wire.type(event) + " without " + name)
                        .isNotEmpty();
            }
        }
    }

    /** A type grows by optional members alone, so that what was published of it stays true of what is said today. */
    @Test
    void readsWhatATypeHasGrownAndAcceptsItByTheSchemaThatWasPublished() throws Exception {
        for (Event event : Samples.GROWN) {
            Envelope sample = new Envelope(new EventId("e-1"), "planner", Instant.EPOCH, event);

            assertThat(Wire.read(Wire.headers(sample), Wire.body(event))).isEqualTo(sample);
            assertThat(schema(event).validate(new String(Wire.body(event), StandardCharsets.UTF_8), InputFormat.JSON))
                    .as(Wire.type(event))
                    .isEmpty();
        }
    }

    /** A sample or schema that has been published is never edited: a new generation gets a new type. */
    @Test
    void leavesPublishedSamplesAndSchemasAsTheyWere() throws Exception {
        TreeMap<String, String> found = new TreeMap<>();
        for (Event event : Samples.EVENTS) {
            found.put(Wire.type(event) + ".json", sha256(text(goldenPath(event))));
            found.put(Wire.type(event) + ".schema.json", sha256(text(schemaPath(event))));
        }
        TreeMap<String, String> published = new TreeMap<>();
        text("/dev/upkeep/contract/event/PUBLISHED")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    String[] parts = line.split("  ");
                    published.put(parts[1], parts[0]);
                });

        assertThat(found).isEqualTo(published);
    }

    private static JsonNode golden(Event event) throws IOException {
        return JSON.readTree(text(goldenPath(event)));
    }

    private static String goldenPath(Event event) {
        return "/dev/upkeep/contract/event/" + Wire.type(event) + ".json";
    }

    private static String schemaPath(Event event) {
        return "/dev/upkeep/contract/event/" + Wire.type(event) + ".schema.json";
    }

    private static Schema schema(Event event) throws IOException {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(text(schemaPath(event)), InputFormat.JSON);
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = GoldenSamplesTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource + " exists").isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
