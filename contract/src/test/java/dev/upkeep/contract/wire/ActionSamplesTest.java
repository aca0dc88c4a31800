package dev.upkeep.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Words;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every action has a schema and a golden sample of its own: the schema of the event that asks for a step is published
 * with the actions there were then, and never edited.
 */
class ActionSamplesTest {
    private static final String PLACE = "/dev/upkeep/contract/step/";
    private static final ObjectMapper JSON = Wire.json();

    @Test
    void hasASampleOfEveryActionThereIs() {
        assertThat(Samples.ACTIONS.stream().map(Action::word))
                .containsExactlyInAnyOrderElementsOf(
                        leaves(Action.class).map(Words::of).toList());
    }

    @Test
    void writesAndReadsEveryActionAsItsGoldenSampleShowsIt() throws Exception {
        for (Action action : Samples.ACTIONS) {
            String golden = text(action.word() + ".json");

            assertThat(JSON.readTree(JSON.writerFor(Action.class).writeValueAsString(action)))
                    .isEqualTo(JSON.readTree(golden));
            assertThat(JSON.readValue(golden, Action.class)).isEqualTo(action);
        }
    }

    @Test
    void acceptsEverySampleByItsOwnSchemaAloneAndNotWithoutAnyRequiredMember() throws Exception {
        for (Action action : Samples.ACTIONS) {
            ObjectNode golden = (ObjectNode) JSON.readTree(text(action.word() + ".json"));

            assertThat(Samples.ACTIONS.stream().filter(other -> accepts(other.word(), golden)))
                    .containsExactly(action);
            for (JsonNode name :
                    JSON.readTree(text(action.word() + ".schema.json")).get("required")) {
                ObjectNode without = golden.deepCopy();
                without.remove(name.asText());
                assertThat(accepts(action.word(), without))
                        .as(action.word() + " without " + name)
                        .isFalse();
            }
        }
    }

    /** A sample or schema that has been published is never edited. */
    @Test
    void leavesPublishedSamplesAndSchemasAsTheyWere() throws Exception {
        TreeMap<String, String> found = new TreeMap<>();
        for (Action action : Samples.ACTIONS) {
            for (String name : List.of(action.word() + ".json", action.word() + ".schema.json")) {
                found.put(name, sha256(text(name)));
            }
        }
        TreeMap<String, String> published = new TreeMap<>();
        text("PUBLISHED").lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            String[] parts = line.split("  ");
            published.put(parts[1], parts[0]);
        });

        assertThat(found).isEqualTo(published);
    }

    private static boolean accepts(String word, JsonNode sample) {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(text(word + ".schema.json"), InputFormat.JSON);
        return schema.validate(sample.toString(), InputFormat.JSON).isEmpty();
    }

    private static Stream<Class<?>> leaves(Class<?> family) {
        return family.isSealed()
                ? Stream.of(family.getPermittedSubclasses()).flatMap(ActionSamplesTest::leaves)
                : Stream.of(family);
    }

    private static String text(String name) {
        try (InputStream in = ActionSamplesTest.class.getResourceAsStream(PLACE + name)) {
            assertThat(in).as(name + " exists").isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
