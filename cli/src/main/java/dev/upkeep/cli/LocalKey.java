package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The key that an Upkeep on one machine signs tokens with (ES256), kept in its state directory for its owner alone; the
 * services get the public half. An installation that has an identity provider has no such key.
 *
 * <p>Failure: a key file that others may read, or that can't be understood, is refused with an IOException whose message
 * says what to do; it is never replaced, for tokens signed with it are out.
 */
public final class LocalKey {
    private static final String SECRETS = "secrets";
    private static final String ISSUER = "upkeep";
    private static final String AUDIENCE = "upkeep";
    private static final String CURVE = "secp256r1";
    private static final int COORDINATE = 32;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String x;
    private final String y;
    private final String id;
    private final PrivateKey key;

    private LocalKey(String x, String y, PrivateKey key) {
        this.x = x;
        this.y = y;
        this.id = thumbprint(x, y);
        this.key = key;
    }

    /** The key of a state directory; made, with the directory it lies in, when it is first asked for. */
    public static LocalKey at(Path state) throws IOException {
        Path file = file(state);
        if (!Files.exists(file)) {
            OwnersFile.directory(state, SECRETS);
            OwnersFile.write(file, fresh());
        }
        return read(file);
    }

    /** The key of a state directory, if there is one and it may be read by who asks. */
    static Optional<LocalKey> ifReadable(Path state) throws IOException {
        Path file = file(state);
        return Files.isReadable(file) ? Optional.of(read(file)) : Optional.empty();
    }

    static Path file(Path state) {
        return state.resolve(SECRETS).resolve("signing-key.jwk");
    }

    /** Its name in a token's header: the same key has the same one everywhere (RFC 7638). */
    String id() {
        return id;
    }

    /** The public half, as the services read it. */
    public String jwks() {
        ObjectNode set = JSON.createObjectNode();
        set.putArray("keys").add(jwk(x, y).put("kid", id).put("alg", "ES256").put("use", "sig"));
        return set + "\n";
    }

    /** A token for a grant, good from now on. */
    public String sign(Grant grant, Instant now) {
        ObjectNode header =
                JSON.createObjectNode().put("alg", "ES256").put("typ", "JWT").put("kid", id);
        ObjectNode claims = JSON.createObjectNode()
                .put("iss", ISSUER)
                .put("aud", AUDIENCE)
                .put("sub", grant.name())
                .put("upn", grant.name());
        ArrayNode groups = claims.putArray("groups");
        grant.roles().forEach(groups::add);
        grant.account().ifPresent(account -> claims.put("account", account));
        claims.put("iat", now.getEpochSecond())
                .put("exp", now.plus(grant.lasts()).getEpochSecond())
                .put("jti", UUID.randomUUID().toString());
        String signed = encoded(utf8(header.toString())) + "." + encoded(utf8(claims.toString()));
        try {
            // P1363: the two halves side by side, as JWS has them, and not in ASN.1.
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(utf8(signed));
            return signed + "." + encoded(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key can't sign", e);
        }
    }

    private static LocalKey read(Path file) throws IOException {
        Set<PosixFilePermission> allowed = Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if (!allowed.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(file + " may be read by others\n  → whoever did can sign tokens: delete it and start"
                    + " Upkeep again for a new key; chmod 600 keeps the old one");
        }
        try {
            JsonNode jwk = JSON.readTree(Files.readString(file));
            byte[] d = Base64.getUrlDecoder().decode(jwk.path("d").asText());
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(new BigInteger(1, d), parameters()));
            return new LocalKey(jwk.required("x").asText(), jwk.required("y").asText(), key);
        } catch (JsonProcessingException | IllegalArgumentException | GeneralSecurityException e) {
            // Not with its cause: a parser quotes what it can't read.
            throw new IOException(
                    file + " is no key that can be read\n  → delete it and start Upkeep again for a new one");
        }
    }

    private static String fresh() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            KeyPair pair = generator.generateKeyPair();
            ECPublicKey open = (ECPublicKey) pair.getPublic();
            return jwk(
                                    coordinate(open.getW().getAffineX()),
                                    coordinate(open.getW().getAffineY()))
                            .put("d", coordinate(((ECPrivateKey) pair.getPrivate()).getS()))
                    + "\n";
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static ECParameterSpec parameters() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(CURVE));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static ObjectNode jwk(String x, String y) {
        return JSON.createObjectNode()
                .put("kty", "EC")
                .put("crv", "P-256")
                .put("x", x)
                .put("y", y);
    }

    private static String thumbprint(String x, String y) {
        // The order of the members is the RFC's.
        String members = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        try {
            return encoded(MessageDigest.getInstance("SHA-256").digest(utf8(members)));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** A number as 32 bytes: BigInteger drops leading zeros and may put one in front. */
    private static String coordinate(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] fixed = new byte[COORDINATE];
        int kept = Math.min(bytes.length, COORDINATE);
        System.arraycopy(bytes, bytes.length - kept, fixed, COORDINATE - kept, kept);
        return encoded(fixed);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "local key " + id;
    }
}
