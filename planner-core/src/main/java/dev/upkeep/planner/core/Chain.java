package dev.upkeep.planner.core;

import dev.upkeep.contract.audit.Link;
import java.time.Instant;
import java.util.Objects;

/**
 * A hash chain over log entries: each link's hash covers the link before, so that an edit or a deletion shows.
 *
 * @param of whose chain it is, such as {@code tenant:acme}
 * @param place the last link's place, 0 before the first
 * @param hash the last link's hash
 */
public record Chain(String of, long place, String hash) {
    public Chain {
        Objects.requireNonNull(of, "of");
        Objects.requireNonNull(hash, "hash");
    }

    /** A chain without links. */
    public static Chain empty(String of) {
        return new Chain(of, 0, Link.ORIGIN);
    }

    /** The chain with one more link. */
    public Chain with(Entry entry, Link.About about, Instant at) {
        return new Chain(
                of,
                place + 1,
                Link.hash(of, place + 1, hash, at, about, entry.kind(), entry.step(), entry.text(), entry.details()));
    }
}
