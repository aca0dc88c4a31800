package dev.upkeep.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsealTest {
    private final String key = SealKey.fresh();
    private final ByteArrayOutputStream opened = new ByteArrayOutputStream();
    private final StringBuilder said = new StringBuilder();

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void seal() throws Exception {
        file = directory.resolve("u1.dump");
        try (OutputStream out = Seal.onto(Files.newOutputStream(file), SealKey.of(key), "acme/u1")) {
            out.write("PGDMP".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private int run(String... arguments) {
        return Unseal.run(
                arguments,
                new References(Map.of("KEY", key, "OTHER", SealKey.fresh()), Optional.empty()),
                opened,
                said);
    }

    @Test
    void writesWhatIsInIt() {
        assertThat(run(file.toString(), "acme/u1", "env:KEY")).isZero();
        assertThat(opened).hasToString("PGDMP");
    }

    @Test
    void saysWhyItWritesNothing() {
        assertThat(run(file.toString(), "globex/u1", "env:KEY")).isEqualTo(1);
        assertThat(run(file.toString(), "acme/u1", "env:OTHER")).isEqualTo(1);
        assertThat(run(file.toString(), "acme/u1", "env:NOBODY")).isEqualTo(1);
        assertThat(run()).isEqualTo(2);

        assertThat(said.toString())
                .contains("not what was sealed", "sealed with key", "env:NOBODY", "usage")
                .doesNotContain(key);
        assertThat(opened.size()).isZero();
    }
}
