package dev.upkeep.contract.audit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Texts as bytes of which no two lists give the same. */
final class Parts {
    private Parts() {}

    /** Each part's length in bytes, a colon, and its UTF-8. */
    static byte[] bytes(List<String> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            all.writeBytes((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** Their SHA-256 in lower-case hexadecimal. */
    static String sha256(List<String> parts) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(parts)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
