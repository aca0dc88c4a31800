package dev.upkeep.planner.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A hash chain over log entries: each link's hash covers the link before, so that an edit or a deletion shows.
 *
 * @param of whose chain it is, such as {@code tenant:acme}
 * @param place the last link's place, 0 before the first
 * @param hash the last link's hash
 */
public record Chain(String of, long place, String hash) {
    /** The hash before the first link. */
    public static final String ORIGIN = "0".repeat(64);

    public Chain {
        Objects.requireNonNull(of, "of");
        Objects.requireNonNull(hash, "hash");
    }

    /** A chain without links. */
    public static Chain empty(String of) {
        return new Chain(of, 0, ORIGIN);
    }

    /** The chain with one more link. */
    public Chain with(Entry entry, Instant at) {
        return new Chain(of, place + 1, hash(of, place + 1, hash, entry, at));
    }

    /** What a link's hash must be. */
    public static String hash(String of, long place, String before, Entry entry, Instant at) {
        MessageDigest sha256 = sha256();
        List<String> parts = List.of(
                of,
                Long.toString(place),
                before,
                at.toString(),
                entry.kind(),
                entry.step(),
                entry.text(),
                new TreeMap<>(entry.details()).toString());
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // The length goes first, so that no two lists of parts give the same bytes.
            sha256.update(Integer.toString(bytes.length).getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) ':');
            sha256.update(bytes);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
