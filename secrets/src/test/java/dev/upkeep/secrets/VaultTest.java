package dev.upkeep.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.secrets.Unresolved.Why;
import dev.upkeep.testing.VaultDouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
    private static final String REFERENCE = "vault:kv/acme/database#password";

    @TempDir
    private Path directory;

    private final VaultDouble vault = VaultDouble.started()
            .mount("kv", 2)
            .token("hvs.agent", "kv/acme")
            .put("kv", "acme/database", Map.of("password", "s3cret", "port", 5432, "more", Map.of("a", "b")))
            .put("kv", "globex/database", Map.of("password", "not-yours"));
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void signIn() throws IOException {
        Files.writeString(directory.resolve("token"), "hvs.agent");
        settings.put("upkeep.vault.address", vault.address().toString());
        settings.put("upkeep.vault.token-file", directory.resolve("token").toString());
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private String resolve(String reference) throws Unresolved {
        return References.of(Map.of(), name -> Optional.ofNullable(settings.get(name)))
                .resolve(reference);
    }

    private Unresolved refused(String reference) {
        return catchThrowableOfType(Unresolved.class, () -> resolve(reference));
    }

    @Test
    void asksWhichMountItIsInAndThenForTheSecret() throws Exception {
        resolve(REFERENCE);

        assertThat(vault.asked())
                .containsExactly("GET sys/internal/ui/mounts/kv/acme/database", "GET kv/data/acme/database");
    }

    @Test
    void givesANumberAsTextAndRefusesWhatIsNone() throws Exception {
        assertThat(resolve("vault:kv/acme/database#port")).isEqualTo("5432");
        assertThat(refused("vault:kv/acme/database#more").why()).isEqualTo(Why.UNREADABLE);
    }

    @Test
    void namesWhatThePolicyDoesNotLetItRead() {
        Unresolved refused = refused("vault:kv/globex/database#password");

        assertThat(refused.why()).isEqualTo(Why.DENIED);
        assertThat(refused).hasMessageContaining("kv/data/globex/database").hasMessageNotContaining("not-yours");
    }

    @Test
    void takesTheTokenThatAnAgentHasPutInThePlaceOfAnother() throws Exception {
        vault.revoke("hvs.agent");
        assertThat(refused(REFERENCE).why()).isEqualTo(Why.DENIED);

        vault.token("hvs.next", "kv/acme");
        Files.writeString(directory.resolve("token"), "hvs.next\n");

        assertThat(resolve(REFERENCE)).isEqualTo("s3cret");
    }

    @Test
    void saysOfADeletedVersionAndOfADestroyedOneThatItIsGone() {
        vault.delete("kv", "acme/database");
        assertThat(refused(REFERENCE))
                .hasMessageContaining("version 1 was deleted")
                .extracting(Unresolved::why)
                .isEqualTo(Why.MISSING);

        vault.destroy("kv", "acme/database");
        assertThat(refused(REFERENCE)).hasMessageContaining("version 1 was destroyed");
    }

    @Test
    void saysAtOnceThatTheVaultIsSealedAndReadsOnceItIsNot() throws Exception {
        vault.seal();

        Unresolved refused = refused(REFERENCE);

        assertThat(refused.why()).isEqualTo(Why.SEALED);
        assertThat(refused.why().passing()).isTrue();
        assertThat(vault.asked()).hasSize(1);
        vault.unseal();
        assertThat(resolve(REFERENCE)).isEqualTo("s3cret");
    }

    @Test
    void asksAgainWhereItPassesAndGivesUpWhereItDoesNot() throws Exception {
        vault.trouble(502, 2);
        assertThat(resolve(REFERENCE)).isEqualTo("s3cret");

        vault.trouble(429, 3);
        Unresolved refused = refused(REFERENCE);

        assertThat(refused.why()).isEqualTo(Why.UNREACHABLE);
        assertThat(refused.why().passing()).isTrue();
    }

    @Test
    void namesAVaultThatIsNotThere() {
        vault.close();

        assertThat(refused(REFERENCE).why()).isEqualTo(Why.UNREACHABLE);
    }

    @Test
    void readsInANamespace() throws Exception {
        vault.namespace("fleet");
        assertThat(refused(REFERENCE).why()).isEqualTo(Why.DENIED);

        settings.put("upkeep.vault.namespace", "fleet");

        assertThat(resolve(REFERENCE)).isEqualTo("s3cret");
    }

    @Test
    void namesAWrongSecretIdAndAFileThatIsNotThere() throws Exception {
        settings.remove("upkeep.vault.token-file");
        settings.put("upkeep.vault.approle.role-id", "executor");
        settings.put(
                "upkeep.vault.approle.secret-id-file", directory.resolve("id").toString());
        vault.appRole("executor", "right", "kv/acme");
        assertThat(refused(REFERENCE))
                .hasMessageContaining("can't be read")
                .extracting(Unresolved::why)
                .isEqualTo(Why.DENIED);

        Files.writeString(directory.resolve("id"), "wr0ng-id");

        assertThat(refused(REFERENCE))
                .hasMessageNotContaining("wr0ng-id")
                .extracting(Unresolved::why)
                .isEqualTo(Why.DENIED);
    }

    @Test
    void endsTheTokenThatALoginGave() throws Exception {
        settings.remove("upkeep.vault.token-file");
        settings.put("upkeep.vault.kubernetes.role", "executor");
        settings.put(
                "upkeep.vault.kubernetes.token-file", directory.resolve("jwt").toString());
        Files.writeString(directory.resolve("jwt"), "jwt");
        vault.kubernetes("executor", "jwt", "kv/acme");

        assertThat(resolve(REFERENCE)).isEqualTo("s3cret");

        assertThat(vault.asked()).last().isEqualTo("POST auth/token/revoke-self");
        assertThat(vault.openLogins()).isZero();
    }

    @Test
    void refusesToSendATokenInClearToAnotherMachine() {
        settings.put("upkeep.vault.address", "http://vault.example:8200");

        assertThatThrownBy(() -> resolve(REFERENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https");
    }

    @Test
    void refusesTwoWaysToSignInAndNone() {
        settings.put("upkeep.vault.kubernetes.role", "executor");
        assertThatThrownBy(() -> resolve(REFERENCE)).hasMessageContaining("2 are set");

        settings.remove("upkeep.vault.kubernetes.role");
        settings.remove("upkeep.vault.token-file");
        assertThatThrownBy(() -> resolve(REFERENCE)).hasMessageContaining("0 are set");
    }

    @Test
    void refusesAFileOfNoCertificates() throws Exception {
        settings.put(
                "upkeep.vault.ca-file",
                Files.writeString(directory.resolve("ca.pem"), "none").toString());

        assertThat(refused(REFERENCE))
                .hasMessageContaining("upkeep.vault.ca-file")
                .extracting(Unresolved::why)
                .isEqualTo(Why.UNREADABLE);
    }

    @Test
    void saysWithoutAVaultThatThereIsNone() {
        settings.clear();

        assertThat(refused(REFERENCE))
                .hasMessageContaining("upkeep.vault.address")
                .extracting(Unresolved::why)
                .isEqualTo(Why.MISSING);
    }
}
