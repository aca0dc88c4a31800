package dev.upkeep.secrets;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** A key that files are sealed with, and the id by which it can be told of without giving it away. */
public final class SealKey {
    /** Of the key, in bytes: what AES-256 asks for. */
    static final int LENGTH = 32;

    private static final int ID_DIGITS = 16;

    private final byte[] material;
    private final String id;

    private SealKey(byte[] material) {
        this.material = material;
        this.id = id(material);
    }

    /**
     * The key that a text is.
     *
     * @param base64 of 32 bytes, as {@code openssl rand -base64 32} gives it
     * @throws IllegalArgumentException that does not quote it
     */
    public static SealKey of(String base64) {
        byte[] material;
        try {
            material = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException quotesIt) {
            material = new byte[0];
        }
        if (material.length != LENGTH) {
            throw new IllegalArgumentException("a key is the base64 of " + LENGTH + " bytes: openssl rand -base64 32");
        }
        return new SealKey(material);
    }

    /** A new one, as text. */
    public static String fresh() {
        byte[] material = new byte[LENGTH];
        new SecureRandom().nextBytes(material);
        return Base64.getEncoder().encodeToString(material);
    }

    /** The beginning of a digest of it. */
    public String id() {
        return id;
    }

    byte[] material() {
        return material.clone();
    }

    /** With words of its own, so that it is no digest that anybody else would make of the same key. */
    private static String id(byte[] material) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update("upkeep seal key\n".getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sha256.digest(material)).substring(0, ID_DIGITS);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return "SealKey[" + id + "]";
    }
}
