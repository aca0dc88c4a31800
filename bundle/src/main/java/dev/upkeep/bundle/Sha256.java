package dev.upkeep.bundle;

import dev.upkeep.contract.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Digests of bytes as they pass. */
final class Sha256 {
    private static final int PIECE = 1 << 16;

    private Sha256() {}

    static MessageDigest fresh() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    static Digest of(byte[] bytes) {
        return digest(fresh().digest(bytes));
    }

    static Digest of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return copy(in, OutputStream.nullOutputStream(), Files.size(file)).digest();
        }
    }

    /** Copies at most one byte more than the limit: who is given that many knows that there are too many. */
    static Copied copy(InputStream from, OutputStream to, long limit) throws IOException {
        MessageDigest digest = fresh();
        byte[] piece = new byte[PIECE];
        long copied = 0;
        while (copied <= limit) {
            int read = from.read(piece, 0, (int) Math.min(piece.length, limit + 1 - copied));
            if (read < 0) {
                break;
            }
            digest.update(piece, 0, read);
            to.write(piece, 0, read);
            copied += read;
        }
        return new Copied(copied, digest(digest.digest()));
    }

    static Digest digest(byte[] hash) {
        return new Digest("sha256:" + HexFormat.of().formatHex(hash));
    }

    /** How many bytes passed, and what they were. */
    record Copied(long size, Digest digest) {}
}
