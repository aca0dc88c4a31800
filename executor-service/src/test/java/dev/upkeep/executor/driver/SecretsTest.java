package dev.upkeep.executor.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.secrets.References;
import dev.upkeep.testing.VaultDouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How each way in which a secret can't be had ends a step. */
class SecretsTest {
    private static final String REFERENCE = "vault:kv/acme/app#password";

    @TempDir
    private Path directory;

    private final VaultDouble vault = VaultDouble.started()
            .mount("kv", 2)
            .token("hvs.executor", "kv/acme")
            .put("kv", "acme/app", Map.of("password", "s3cret-s3cret", "nested", Map.of("a", "b")));
    private Secrets secrets = new Secrets(Map.of());

    @BeforeEach
    void signIn() throws Exception {
        Map<String, String> settings = Map.of(
                "upkeep.vault.address",
                vault.address().toString(),
                "upkeep.vault.token-file",
                Files.writeString(directory.resolve("token"), "hvs.executor").toString());
        secrets = new Secrets(References.of(Map.of(), name -> Optional.ofNullable(settings.get(name))));
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private void refused(String reference, Failure code, boolean retryable) {
        Outcome.Failed failed = catchThrowableOfType(Refused.class, () -> secrets.resolve(reference))
                .failed();
        assertThat(failed.code()).isEqualTo(code);
        assertThat(failed.retryable()).isEqualTo(retryable);
        assertThat(failed.reason()).contains(reference).doesNotContain("s3cret", "hvs.");
    }

    @Test
    void namesWhatIsMissingMalformedOrNotOurs() {
        refused("env:NOBODY", Failure.SECRET_MISSING, false);
        refused("file:/nowhere", Failure.SECRET_MISSING, false);
        refused("vault:kv/acme/nobody#password", Failure.SECRET_MISSING, false);
        refused("vault:kv/globex/app#password", Failure.SECRET_DENIED, false);
        refused("vault:kv/acme/app#nested", Failure.SECRET_UNREADABLE, false);
        refused("vault:kv", Failure.SECRET_UNREADABLE, false);
    }

    @Test
    void leavesToALaterAttemptWhatPasses() {
        vault.seal();
        refused(REFERENCE, Failure.VAULT_SEALED, true);

        vault.unseal();
        assertThat(secrets.resolve(REFERENCE)).isEqualTo("s3cret-s3cret");

        vault.close();
        refused(REFERENCE, Failure.VAULT_DOWN, true);
    }

    @Test
    void masksWhatItGaveAndNothingElse() {
        assertThat(secrets.masked("s3cret-s3cret")).isEqualTo("s3cret-s3cret");

        secrets.resolve(REFERENCE);

        assertThat(secrets.masked("login s3cret-s3cret, or czNjcmV0LXMzY3JldA==."))
                .isEqualTo("login [" + REFERENCE + "], or [" + REFERENCE + "].");
        assertThat(secrets.ofOneStep().masked("s3cret-s3cret")).isEqualTo("s3cret-s3cret");
    }
}
