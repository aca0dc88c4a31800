package dev.upkeep.testing;

import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.Pem;
import dev.upkeep.contract.signature.StepSigner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The key that steps are signed with in tests, one for each JVM: the planner under test signs with it, the executor under
 * test trusts it. {@link Parts} brings it along.
 */
public final class PlannerKey {
    private static final String FILE = "upkeep.parts.running.planner-key";
    // As in Parts: an interned literal is the one lock that all class loaders' copies of this class share.
    private static final Object LOCK = FILE;

    private static @Nullable StepSigner signer;

    private PlannerKey() {}

    /** The settings of planner and executor. */
    static Map<String, String> settings() {
        return Map.of(
                "upkeep.steps.key",
                file().toString(),
                "upkeep.steps.trusted-keys",
                publicFile().toString());
    }

    /** Signs as the planner does. */
    public static synchronized StepSigner signer() {
        StepSigner known = signer;
        if (known == null) {
            known = read();
            signer = known;
        }
        return known;
    }

    private static StepSigner read() {
        try {
            String text = Files.readString(file());
            return new StepSigner(
                    KeyFactory.getInstance(Pem.ALGORITHM)
                            .generatePrivate(new PKCS8EncodedKeySpec(
                                    Pem.read(Pem.PRIVATE_KEY, text).orElseThrow())),
                    Pem.publicKey(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** The headers of a step with its signature, as the planner sends them. */
    public static Map<String, String> signed(String topic, String key, Map<String, String> headers, byte[] body) {
        Map<String, String> signed = new LinkedHashMap<>(headers);
        signed.put(Parcel.SIGNATURE, signer().sign(Parcel.of(topic, key, headers, body)));
        return signed;
    }

    /** Where the public half lies. */
    public static Path publicFile() {
        return Objects.requireNonNull(file().resolveSibling(file().getFileName() + ".pub"));
    }

    private static Path file() {
        return Path.of(
                Parts.shared(LOCK, FILE, () -> List.of(make().toString())).getFirst());
    }

    private static Path make() {
        try {
            Path directory = Files.createTempDirectory("upkeep-test-planner");
            Path file = Files.createFile(
                    directory.resolve("steps.key"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Path open = directory.resolve("steps.key.pub");
            directory.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            open.toFile().deleteOnExit();
            KeyPair pair = KeyPairGenerator.getInstance(Pem.ALGORITHM).generateKeyPair();
            String text = Pem.block(Pem.PUBLIC_KEY, pair.getPublic().getEncoded());
            Files.writeString(file, Pem.block(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded()) + text);
            Files.writeString(open, text);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
