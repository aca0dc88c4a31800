package dev.upkeep.contract.audit;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows chains link by link and says what is wrong first.
 *
 * <p>Ordering: {@link #begin}, each link by {@link #next} in the order of places, {@link #end}; then the next chain. It
 * keeps one hash of the chain that it follows, so a chain of any length can be followed page by page.
 */
public final class Inspection {
    private final Map<String, NavigableMap<Long, Head>> published = new HashMap<>();
    private final Set<String> begun = new HashSet<>();
    private String chain = "";
    private long place;
    private String hash = Link.ORIGIN;

    /** An inspection against heads that were published; with none, only what hashes and owners tell is found. */
    public Inspection(Collection<Head> heads) {
        heads.forEach(head -> published
                .computeIfAbsent(head.chain(), c -> new TreeMap<>())
                .merge(head.place(), head, (first, later) -> first));
    }

    /** The head of a chain as the row of its tenant, product or rollout keeps it. */
    public record Owner(String chain, long place, String hash) {
        public Owner {
            Objects.requireNonNull(chain, "chain");
            Objects.requireNonNull(hash, "hash");
        }
    }

    /** What is wrong, and from where on. */
    public record Trouble(String chain, long place, String what) {
        public Trouble {
            Objects.requireNonNull(chain, "chain");
            Objects.requireNonNull(what, "what");
        }
    }

    /** From here on, links are those of this chain. */
    public void begin(String of) {
        chain = of;
        place = 0;
        hash = Link.ORIGIN;
        begun.add(of);
    }

    /** Takes the chain's next link. */
    public Optional<Trouble> next(Link link) {
        if (!link.chain().equals(chain)) {
            throw new IllegalArgumentException("a link of " + link.chain() + " in the midst of " + chain);
        }
        if (link.place() != place + 1) {
            return trouble(place + 1, "it is missing: the next one is at place " + link.place());
        }
        if (!link.fits(hash)) {
            return trouble(
                    link.place(), "its hash is not the one that its content gives: it, or the one before, was changed");
        }
        place = link.place();
        hash = link.hash();
        return againstHead(place);
    }

    private Optional<Trouble> againstHead(long at) {
        Head head = heads().get(at);
        return head == null || head.hash().equals(hash)
                ? Optional.empty()
                : trouble(
                        at,
                        "head " + head.number() + ", published at " + head.at()
                                + ", has another hash: what was written up to here was written anew");
    }

    /**
     * The chain has no further links.
     *
     * @param owner as its owner's row has it
     */
    public Optional<Trouble> end(Owner owner) {
        if (place < owner.place()) {
            return trouble(place + 1, "the end was cut off: " + chain + " knows of " + owner.place() + " places");
        }
        if (!heads().isEmpty() && heads().lastKey() > place) {
            Head head = heads().lastEntry().getValue();
            return trouble(
                    place + 1,
                    "the end was cut off: head " + head.number() + ", published at " + head.at() + ", is of place "
                            + head.place());
        }
        if (place > owner.place()) {
            return trouble(owner.place() + 1, chain + " knows nothing of it: it knows of " + owner.place() + " places");
        }
        return hash.equals(owner.hash())
                ? Optional.empty()
                : trouble(place, chain + " knows another hash of it: what was written was written anew");
    }

    /** The first of the chains of which heads were published and which were not there to be followed. */
    public Optional<Trouble> gone() {
        SortedSet<String> gone = new TreeSet<>(published.keySet());
        gone.removeAll(begun);
        return gone.stream().findFirst().map(missing -> {
            Head head =
                    published.getOrDefault(missing, new TreeMap<>()).lastEntry().getValue();
            return new Trouble(
                    missing,
                    1,
                    "the whole chain is gone: head " + head.number() + ", published at " + head.at() + ", is of place "
                            + head.place());
        });
    }

    /** How many links of the chain were followed so far. */
    public long followed() {
        return place;
    }

    private NavigableMap<Long, Head> heads() {
        return published.getOrDefault(chain, new TreeMap<>());
    }

    private Optional<Trouble> trouble(long at, String what) {
        return Optional.of(new Trouble(chain, at, what));
    }
}
