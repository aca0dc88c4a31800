package dev.upkeep.access.intake;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.testing.TestKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
    @TempDir
    Path directory;

    @Test
    void takesAJwksFromAFileFromThisMachineAndOverTls() throws IOException {
        Path file = Files.writeString(
                Files.createDirectory(directory.resolve("a place")).resolve("keys.json"),
                TestKey.fresh("k").jwks());

        assertThatCode(() -> {
                    Keys.check(Optional.of("file:" + file));
                    Keys.check(Optional.of("file://" + file));
                    Keys.check(Optional.of("https://id.example.com/keys"));
                    Keys.check(Optional.of("http://127.0.0.1:8080/keys"));
                })
                .doesNotThrowAnyException();
    }

    @Test
    void startsNoServiceThatCantCheckATokenOrThatAnybodyCouldGiveKeysTo() throws IOException {
        Path noKeys = Files.writeString(directory.resolve("none.json"), "{\"keys\":[]}");
        Path pem = Files.writeString(directory.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\n");
        Path pair = Files.writeString(directory.resolve("pair.json"), """
                {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}]}""");
        Path shared = Files.writeString(
                directory.resolve("shared.json"), "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}");

        assertRefused(Optional.empty(), "nothing says where the keys are");
        assertRefused(Optional.of(" "), "nothing says where the keys are");
        assertRefused(Optional.of("http://id.example.com/keys"), "no place for keys");
        assertRefused(Optional.of("http://127.0.0.1.example.com/keys"), "no place for keys");
        assertRefused(Optional.of("keys.json"), "no place for keys");
        assertRefused(Optional.of("file:" + directory.resolve("missing.json")), "no JWKS");
        assertRefused(Optional.of("file:" + pem), "no JWKS");
        assertRefused(Optional.of("file:" + noKeys), "has no keys");
        assertRefused(Optional.of("file:" + pair), "private or shared");
        assertRefused(Optional.of("file:" + shared), "private or shared");
    }

    private static void assertRefused(Optional<String> location, String why) {
        assertThatThrownBy(() -> Keys.check(location))
                .hasMessageContaining(why)
                .hasMessageContaining("MP_JWT_VERIFY_PUBLICKEY_LOCATION");
    }
}
