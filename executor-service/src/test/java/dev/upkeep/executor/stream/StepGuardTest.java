package dev.upkeep.executor.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.Pem;
import dev.upkeep.contract.signature.StepSigner;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an executor needs to be told of whom it trusts. */
class StepGuardTest {
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final KeyPair old = fresh();
    private final KeyPair young = fresh();

    @Test
    void doesNotStartWithoutAKeyToTrust() {
        assertThatThrownBy(() -> new StepGuard(Optional.empty(), meters))
                .hasMessageContaining("upkeep.steps.trusted-keys");
        assertThatThrownBy(() -> new StepGuard(Optional.of(List.of()), meters))
                .hasMessageContaining("upkeep.steps.trusted-keys");
    }

    @Test
    void doesNotStartWithAFileThatIsNotThereOrNoPublicKey() throws Exception {
        Path nothing = directory.resolve("nothing");
        Path text = Files.writeString(directory.resolve("text"), "trust me");
        Path another = Files.writeString(
                directory.resolve("another"),
                Pem.block(
                        Pem.PUBLIC_KEY,
                        KeyPairGenerator.getInstance("EC")
                                .generateKeyPair()
                                .getPublic()
                                .getEncoded()));

        assertThatThrownBy(() -> guard(nothing)).isInstanceOf(IOException.class).hasMessageContaining("nothing");
        assertThatThrownBy(() -> guard(text)).hasMessageContaining("is no public Ed25519 key");
        assertThatThrownBy(() -> guard(another)).hasMessageContaining("is no public Ed25519 key");
    }

    @Test
    void doesNotStartWithThePlannersPrivateKey() throws Exception {
        Path file = Files.writeString(
                directory.resolve("steps.key"),
                Pem.block(Pem.PRIVATE_KEY, old.getPrivate().getEncoded())
                        + Pem.block(Pem.PUBLIC_KEY, old.getPublic().getEncoded()));

        assertThatThrownBy(() -> guard(file)).hasMessageContaining("holds a planner's private key");
    }

    @Test
    void takesStepsOfTwoKeysWhileOneFollowsTheOther() throws Exception {
        StepGuard before = guard(file("old", old));
        StepGuard between = guard(file("old", old), file("young", young));
        StepGuard after = guard(file("young", young));

        assertThat(before.refusal(record(old))).isEmpty();
        assertThat(before.refusal(record(young)))
                .hasValueSatisfying(why -> assertThat(why).contains("unknown-key"));
        assertThat(between.refusal(record(old))).isEmpty();
        assertThat(between.refusal(record(young))).isEmpty();
        assertThat(after.refusal(record(old)))
                .hasValueSatisfying(why -> assertThat(why).contains("unknown-key"));
        assertThat(after.refusal(record(young))).isEmpty();
        assertThat(meters.counter("upkeep_steps_refused", "reason", "unknown-key")
                        .count())
                .isEqualTo(2);
    }

    private StepGuard guard(Path... files) throws IOException {
        return new StepGuard(Optional.of(List.of(files)), meters);
    }

    private Path file(String name, KeyPair pair) throws IOException {
        return Files.writeString(
                directory.resolve(name),
                Pem.block(Pem.PUBLIC_KEY, pair.getPublic().getEncoded()));
    }

    private static ConsumerRecord<String, byte[]> record(KeyPair pair) {
        Map<String, String> headers = Map.of("ce_id", "u-1:s1:1");
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>("upkeep.steps", 0, 0, "acme", BODY);
        record.headers()
                .add("ce_id", "u-1:s1:1".getBytes(StandardCharsets.ISO_8859_1))
                .add(
                        Parcel.SIGNATURE,
                        new StepSigner(pair.getPrivate(), pair.getPublic())
                                .sign(Parcel.of("upkeep.steps", "acme", headers, BODY))
                                .getBytes(StandardCharsets.ISO_8859_1));
        return record;
    }

    private static KeyPair fresh() {
        try {
            return KeyPairGenerator.getInstance(Pem.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
