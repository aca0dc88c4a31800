package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How an answer is printed: a table for people, JSON or YAML exactly as the service said it for programs. */
final class Output {
    enum Format {
        table,
        json,
        yaml
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, json or yaml. Default: ${DEFAULT-VALUE}.")
    Format format = Format.table;

    /** Prints an answer in the chosen format; {@code table} prints it for people. */
    void print(PrintWriter out, JsonNode answer, Consumer<JsonNode> table) {
        switch (format) {
            case table -> table.accept(answer);
            case json -> out.println(written(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT), answer));
            case yaml ->
                out.print(written(
                        new ObjectMapper(YAMLFactory.builder()
                                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                                // Without it the text "1" would come back as a number.
                                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                                .build()),
                        answer));
        }
        out.flush();
    }

    private static String written(ObjectMapper mapper, JsonNode answer) {
        try {
            return mapper.writeValueAsString(answer);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }
}
