package dev.upkeep.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** A key pair that tests sign with, and the JWKS that a service under test checks with. */
public record TestKey(String id, PrivateKey signing, String jwks) {

    /** A new pair; a service trusts it if it is handed its JWKS. */
    public static TestKey fresh(String id) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new TestKey(id, pair.getPrivate(), "{\"keys\":[" + jwk(id, (ECPublicKey) pair.getPublic()) + "]}");
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** What is kept of it where text alone can be kept: id, key, JWKS. */
    String[] words() {
        return new String[] {id, Base64.getEncoder().encodeToString(signing.getEncoded()), jwks};
    }

    static TestKey of(String id, String signing, String jwks) {
        try {
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(signing)));
            return new TestKey(id, key, jwks);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** Writes the JWKS where a service finds it; the file goes with this JVM. */
    Path writeJwks() {
        try {
            Path file = Files.createTempFile("upkeep-test-keys", ".json");
            file.toFile().deleteOnExit();
            return Files.writeString(file, jwks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jwk(String id, ECPublicKey key) {
        return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"use\":\"sig\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}"
                .formatted(
                        id,
                        coordinate(key.getW().getAffineX()),
                        coordinate(key.getW().getAffineY()));
    }

    private static String coordinate(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] padded = new byte[32];
        int kept = Math.min(bytes.length, padded.length);
        System.arraycopy(bytes, bytes.length - kept, padded, padded.length - kept, kept);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(padded);
    }

    @Override
    public String toString() {
        return "test key " + id;
    }
}
