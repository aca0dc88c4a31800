package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningTest {
    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");

    @TempDir
    Path state;

    @BeforeEach
    void makeDirectories() throws Exception {
        Files.createDirectory(state.resolve("run"));
    }

    @Test
    void givesTheServicesTheOpenHalfAndKeepsTheRestForTheOwner() throws Exception {
        try (Signing signing = Signing.start(state, () -> NOW, line -> {})) {
            Path open = Path.of(signing.location().substring("file:".length()));

            assertThat(Files.readString(open))
                    .startsWith("{\"keys\":[{\"kty\":\"EC\"")
                    .doesNotContain("\"d\"");
            assertThat(rights("secrets")).isEqualTo("rwx------");
            assertThat(rights("secrets/signing-key.jwk")).isEqualTo("rw-------");
            assertThat(rights("token")).isEqualTo("rw-------");
        }
    }

    @Test
    void keepsKeyAndTokenThroughARestart() throws Exception {
        Signing.start(state, () -> NOW, line -> {}).close();
        String keys = Files.readString(state.resolve("run/keys.json"));
        String token = Files.readString(state.resolve("token"));

        Signing.start(state, () -> NOW.plusSeconds(3600), line -> {}).close();

        assertThat(Files.readString(state.resolve("run/keys.json"))).isEqualTo(keys);
        assertThat(Files.readString(state.resolve("token"))).isEqualTo(token);
    }

    @Test
    void startsNothingWithAKeyThatOthersCouldHaveRead() throws Exception {
        Signing.start(state, () -> NOW, line -> {}).close();
        Files.setPosixFilePermissions(
                state.resolve("secrets/signing-key.jwk"), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> Signing.start(state, () -> NOW, line -> {}))
                .isInstanceOf(LocalFailure.class)
                .hasMessageContaining("may be read by others");
    }

    private String rights(String file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(file)));
    }
}
