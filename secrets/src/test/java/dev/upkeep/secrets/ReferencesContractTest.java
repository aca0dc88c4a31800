package dev.upkeep.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.secrets.Unresolved.Why;
import dev.upkeep.testing.VaultDouble;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for a reference of whichever scheme, however the vault's is signed in for. */
class ReferencesContractTest {
    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();
    private final VaultDouble vault = VaultDouble.started().mount("kv", 2).mount("old/kv", 1);

    private enum Scheme {
        ENV("env:PASSWORD", "env:NOBODY"),
        FILE("file:DIRECTORY/password", "file:DIRECTORY/nobody"),
        VAULT_BY_TOKEN("vault:kv/acme/database#password", "vault:kv/acme/nobody#password"),
        VAULT_BY_APP_ROLE("vault:kv/acme/database#password", "vault:kv/acme/database#nobody"),
        VAULT_BY_KUBERNETES("vault:kv/acme/database#password", "vault:kv/acme/nobody#password"),
        VAULT_OF_VERSION_1("vault:old/kv/acme/database#password", "vault:old/kv/acme/nobody#password");

        private final String reference;
        private final String nowhere;

        Scheme(String reference, String nowhere) {
            this.reference = reference;
            this.nowhere = nowhere;
        }

        Map<String, String> settings() {
            return switch (this) {
                case ENV, FILE -> Map.of();
                case VAULT_BY_TOKEN, VAULT_OF_VERSION_1 -> Map.of("upkeep.vault.token-file", "token");
                case VAULT_BY_APP_ROLE ->
                    Map.of(
                            "upkeep.vault.approle.role-id",
                            "executor",
                            "upkeep.vault.approle.secret-id-file",
                            "secret-id");
                case VAULT_BY_KUBERNETES ->
                    Map.of("upkeep.vault.kubernetes.role", "executor", "upkeep.vault.kubernetes.token-file", "jwt");
            };
        }
    }

    @BeforeEach
    void signIn() throws IOException {
        Files.writeString(directory.resolve("token"), "hvs.agent\n");
        Files.writeString(directory.resolve("secret-id"), "secret-id-1\n");
        Files.writeString(directory.resolve("jwt"), "jwt-1\n");
        vault.token("hvs.agent", "kv/acme", "old/kv/acme")
                .appRole("executor", "secret-id-1", "kv/acme")
                .kubernetes("executor", "jwt-1", "kv/acme");
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private References references(Scheme scheme) {
        Map<String, String> settings = new HashMap<>();
        scheme.settings()
                .forEach((name, value) -> settings.put(
                        name, name.endsWith("-file") ? directory.resolve(value).toString() : value));
        if (!settings.isEmpty()) {
            settings.put("upkeep.vault.address", vault.address() + "/");
        }
        return References.of(environment, name -> Optional.ofNullable(settings.get(name)));
    }

    private String placed(String reference) {
        return reference.replace("DIRECTORY", directory.toString());
    }

    private void put(String secret) {
        environment.put("PASSWORD", secret);
        try {
            Files.writeString(directory.resolve("password"), secret + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List.of("kv", "old/kv").forEach(mount -> vault.put(mount, "acme/database", Map.of("password", secret)));
    }

    @ParameterizedTest
    @EnumSource
    void givesWhatIsThere(Scheme scheme) throws Exception {
        for (String secret : List.of("s3cret", "two words # and / and =", "ümläut€", "-----BEGIN\nand END-----")) {
            put(secret);

            assertThat(references(scheme).resolve(placed(scheme.reference))).isEqualTo(secret);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsAnewEachTimeSoThatARotationNeedsNoRestart(Scheme scheme) throws Exception {
        References references = references(scheme);
        put("the-first");
        assertThat(references.resolve(placed(scheme.reference))).isEqualTo("the-first");

        put("the-second");

        assertThat(references.resolve(placed(scheme.reference))).isEqualTo("the-second");
    }

    @ParameterizedTest
    @EnumSource
    void namesAReferenceThatLeadsNowhereAndNoSecret(Scheme scheme) {
        put("s3cret");

        Unresolved unresolved =
                catchThrowableOfType(Unresolved.class, () -> references(scheme).resolve(placed(scheme.nowhere)));

        assertThat(unresolved.why()).isEqualTo(Why.MISSING);
        assertThat(unresolved.why().passing()).isFalse();
        assertThat(unresolved)
                .hasMessageStartingWith(placed(scheme.nowhere) + ": ")
                .hasMessageNotContainingAny("s3cret", "hvs.", "jwt-1");
        assertThat(vault.openLogins()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void knowsItsReferencesFromTheThingItself(Scheme scheme) throws Exception {
        assertThat(References.is(placed(scheme.reference))).isTrue();
        assertThat(References.is("s3cret")).isFalse();
        assertThat(references(scheme).resolve("no reference")).isEqualTo("no reference");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vault:",
                "vault:kv#f",
                "vault:kv/a",
                "vault:kv/a#",
                "vault:kv/../sys/raw#f",
                "vault:kv//a#f",
                "vault:kv/a#f#g"
            })
    void refusesAVaultReferenceThatIsNotWhole(String reference) {
        Unresolved unresolved = catchThrowableOfType(
                Unresolved.class, () -> references(Scheme.VAULT_BY_TOKEN).resolve(reference));

        assertThat(unresolved.why()).isEqualTo(Why.UNREADABLE);
        assertThat(vault.asked()).isEmpty();
    }
}
