package dev.upkeep.contract.signature;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys as text, in the blocks that openssl writes and reads. */
public final class Pem {
    /** The block of a private key. */
    public static final String PRIVATE_KEY = "PRIVATE KEY";

    /** The block of a public key. */
    public static final String PUBLIC_KEY = "PUBLIC KEY";

    /** The kind of key that Upkeep signs with. */
    public static final String ALGORITHM = "Ed25519";

    private Pem() {}

    /** One block. */
    public static String block(String what, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
    }

    /** What the first block of a kind holds; empty if there is none. */
    public static Optional<byte[]> read(String what, String text) {
        Matcher block = Pattern.compile("-----BEGIN " + what + "-----([A-Za-z0-9+/=\\s]+)-----END " + what + "-----")
                .matcher(text);
        return block.find() ? Optional.of(Base64.getMimeDecoder().decode(block.group(1))) : Optional.empty();
    }

    /**
     * The public key in a text.
     *
     * @throws GeneralSecurityException if it holds none, or one of another kind
     */
    public static PublicKey publicKey(String text) throws GeneralSecurityException {
        byte[] der =
                read(PUBLIC_KEY, text).orElseThrow(() -> new GeneralSecurityException("no " + PUBLIC_KEY + " block"));
        return Objects.requireNonNull(KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der)));
    }
}
