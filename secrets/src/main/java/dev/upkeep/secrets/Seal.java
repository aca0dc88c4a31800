package dev.upkeep.secrets;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * Seals what is written to a stream, and opens it again: AES-256-GCM in segments of 1 MiB, each bound to its place, to
 * the stream's name and to whether it is the last one. What was cut, swapped, changed in one bit or given another's name
 * is refused while it is read, before the segment in question is given out.
 *
 * <p>A sealed stream begins with {@code UPKSEAL1} and its key's id, 16 hexadecimal digits; then comes Tink's stream,
 * {@code AesGcmHkdfStreaming} with HMAC-SHA256.
 */
public final class Seal {
    private static final byte[] MAGIC = "UPKSEAL1".getBytes(StandardCharsets.US_ASCII);
    private static final int ID = 16;
    private static final int SEGMENT = 1 << 20;

    private Seal() {}

    /** A stream that is sealed with no key that we have. */
    public static final class KeyMissing extends IOException {
        private static final long serialVersionUID = 1L;

        private final String id;

        KeyMissing(String id) {
            super("it is sealed with key " + id);
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /** What was read is no sealed stream, or not the one that was written under this name. */
    public static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        Broken(String why) {
            super(why);
        }
    }

    /**
     * What is written to the stream given back goes sealed to {@code out}; it is whole only once it is closed.
     *
     * @param name that it must be opened by again
     */
    public static OutputStream onto(OutputStream out, SealKey key, String name) throws IOException {
        try {
            out.write(MAGIC);
            out.write(key.id().getBytes(StandardCharsets.US_ASCII));
            return cipher(key).newEncryptingStream(out, associated(key.id(), name));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /**
     * What was sealed, opened.
     *
     * @param keys those that there are, by their ids
     * @throws KeyMissing if there is none for it
     * @throws Broken at once or while it is read
     */
    public static InputStream opened(InputStream in, Function<String, Optional<SealKey>> keys, String name)
            throws IOException {
        String id = keyId(in);
        SealKey key = keys.apply(id).orElseThrow(() -> new KeyMissing(id));
        try {
            return new Opened(cipher(key).newDecryptingStream(in, associated(id, name)));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** The id of the key that a stream, read from its beginning, says it is sealed with. */
    public static String keyId(InputStream in) throws IOException {
        byte[] head = in.readNBytes(MAGIC.length + ID);
        if (head.length < MAGIC.length + ID || !Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new Broken("it is no sealed file");
        }
        return new String(head, MAGIC.length, ID, StandardCharsets.US_ASCII);
    }

    private static AesGcmHkdfStreaming cipher(SealKey key) throws GeneralSecurityException {
        return new AesGcmHkdfStreaming(key.material(), "HmacSha256", SealKey.LENGTH, SEGMENT, 0);
    }

    private static byte[] associated(String keyId, String name) {
        return ("upkeep seal 1\n" + keyId + "\n" + name).getBytes(StandardCharsets.UTF_8);
    }

    /** Says by name what Tink tells as any error of a file, after the file itself was read without one. */
    private static final class Opened extends InputStream {
        private final InputStream opened;

        Opened(InputStream opened) {
            this.opened = opened;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            try {
                return opened.read(into, from, length);
            } catch (java.nio.channels.ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                throw new Broken("it is not what was sealed under this name: " + e.getMessage());
            }
        }

        @Override
        public void close() throws IOException {
            opened.close();
        }
    }
}
