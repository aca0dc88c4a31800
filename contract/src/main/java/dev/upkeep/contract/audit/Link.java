package dev.upkeep.contract.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One line of the log with its place in its chain. Its hash covers all of it and the hash of the link before, so that
 * whoever changes a line must change every later one, and every head that was published of them.
 *
 * @param chain whose chain it is, such as {@code tenant:acme}, {@code product:atlas} or {@code rollout:r-1}
 * @param place from 1, without a gap
 * @param at when it was written, in microseconds at the finest: a database keeps no more
 * @param step the step it is about; empty if it is about none
 * @param hash of it and of all before it, as 64 lower-case hexadecimal digits
 */
public record Link(
        String chain,
        long place,
        Instant at,
        About about,
        String kind,
        String step,
        String text,
        Map<String, String> details,
        String hash) {
    /** The hash before the first link. */
    public static final String ORIGIN = "0".repeat(64);

    public Link {
        Objects.requireNonNull(chain, "chain");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(step, "step");
        Objects.requireNonNull(text, "text");
        details = Map.copyOf(details);
        Objects.requireNonNull(hash, "hash");
    }

    /** What a line is about, besides its chain's owner; empty texts where it is about none. */
    public record About(String rollout, String tenant, String upgrade) {
        /** About its chain's owner alone. */
        public static final About NOTHING_ELSE = new About("", "", "");

        public About {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(upgrade, "upgrade");
        }
    }

    /** Whether its hash is the one that its content gives after a link with the hash {@code before}. */
    public boolean fits(String before) {
        return hash.equals(hash(chain, place, before, at, about, kind, step, text, details));
    }

    /** The hash of a link's content after a link with the hash {@code before}. */
    public static String hash(
            String chain,
            long place,
            String before,
            Instant at,
            About about,
            String kind,
            String step,
            String text,
            Map<String, String> details) {
        List<String> parts = new ArrayList<>(List.of(
                chain,
                Long.toString(place),
                before,
                at.toString(),
                about.rollout(),
                about.tenant(),
                about.upgrade(),
                kind,
                step,
                text,
                Integer.toString(details.size())));
        new TreeMap<>(details).forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        return Parts.sha256(parts);
    }
}
