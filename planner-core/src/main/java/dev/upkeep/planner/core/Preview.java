package dev.upkeep.planner.core;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An upgrade as it would be, before anything starts.
 *
 * @param hops in their order; none if there is no way
 * @param noWay why there is no way; none if there is one
 * @param blockers what would keep it from starting now
 * @param notes of every release crossed, the lowest first
 */
public record Preview(
        TenantId tenant,
        Version from,
        Version to,
        List<Hop> hops,
        List<String> noWay,
        List<Blocker> blockers,
        List<Note> notes) {
    public Preview {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        hops = List.copyOf(hops);
        noWay = List.copyOf(noWay);
        blockers = List.copyOf(blockers);
        notes = List.copyOf(notes);
        if (hops.isEmpty() == noWay.isEmpty()) {
            throw new IllegalArgumentException("there is a way, or a reason why there is none");
        }
    }

    /**
     * One hop.
     *
     * @param forward how long it is thought to take
     * @param back how long the longest way back is
     * @param parts by step of the way forward what it takes, and why that is thought
     */
    public record Hop(Plan plan, Duration forward, Duration back, List<Part> parts) {
        public Hop {
            Objects.requireNonNull(plan, "plan");
            Objects.requireNonNull(forward, "forward");
            Objects.requireNonNull(back, "back");
            parts = List.copyOf(parts);
        }
    }

    /** What a step is thought to take. */
    public record Part(Duration takes, String because) {
        public Part {
            Objects.requireNonNull(takes, "takes");
            Objects.requireNonNull(because, "because");
        }
    }

    /**
     * What a release crossed says of itself.
     *
     * @param lines what hurts most first
     * @param triggers what in them asks for somebody to read them
     * @param link where they are published; empty if nowhere
     */
    public record Note(Version version, List<String> lines, Set<String> triggers, String link) {
        public Note {
            Objects.requireNonNull(version, "version");
            lines = List.copyOf(lines);
            triggers = Set.copyOf(new TreeSet<>(triggers));
            Objects.requireNonNull(link, "link");
        }
    }

    /** When it could start at the earliest, if nobody does anything: when the last blocker that time lifts is gone. */
    public Optional<Instant> earliest() {
        return Blocker.earliest(blockers);
    }
}
