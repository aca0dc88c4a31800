package dev.upkeep.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files that examples are in. */
record ExampleFiles(Map<Path, ArrayNode> byFile) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();

    static ExampleFiles read(List<Path> files) {
        Map<Path, ArrayNode> byFile = new LinkedHashMap<>();
        for (Path file : files) {
            try {
                byFile.put(file, (ArrayNode) YAML.readTree(Files.readString(file)));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return new ExampleFiles(byFile);
    }

    /** All of them, in their order. */
    List<JsonNode> examples() {
        List<JsonNode> examples = new ArrayList<>();
        byFile.values().forEach(of -> of.forEach(examples::add));
        return examples;
    }

    /** Writes them back, each below the comment that its file begins with. */
    void write() {
        byFile.forEach((file, examples) -> {
            try {
                StringBuilder text = new StringBuilder();
                Files.readString(file)
                        .lines()
                        .takeWhile(line -> line.startsWith("#"))
                        .forEach(line -> text.append(line).append('\n'));
                Files.writeString(file, text.append(YAML.writeValueAsString(examples)));
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
        });
    }
}
