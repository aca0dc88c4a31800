package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Period;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a product says of its versions besides its procedures; a part that its descriptor leaves out asks for nothing.
 *
 * @param breaking which kinds of change it calls breaking: none of them may be in a release below a major
 * @param cadence how often releases of a bump come out, for forecasts
 * @param matrix which third-party versions its releases run on; a version that no row covers blocks
 */
public record Policies(
        Versioning versioning,
        Set<Release.Kind> breaking,
        NotesPolicy notes,
        Deprecation deprecation,
        Support support,
        Map<Bump, Period> cadence,
        List<Skew> skews,
        Optional<AcrossMajors> acrossMajors,
        List<Row> matrix,
        List<StageFirst> stageFirst,
        Expedited expedited) {
    /** Nothing is asked for. */
    public static final Policies NONE = new Policies(
            Versioning.FREE,
            Set.of(),
            NotesPolicy.NONE,
            new Deprecation(Deprecation.Keep.NOT_AT_ALL, false, ""),
            new Support(Optional.empty(), Optional.empty()),
            Map.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            Expedited.NONE);

    public Policies {
        Objects.requireNonNull(versioning, "versioning");
        breaking = Set.copyOf(breaking);
        Objects.requireNonNull(notes, "notes");
        Objects.requireNonNull(deprecation, "deprecation");
        Objects.requireNonNull(support, "support");
        cadence = Map.copyOf(cadence);
        skews = List.copyOf(skews);
        Objects.requireNonNull(acrossMajors, "acrossMajors");
        matrix = List.copyOf(matrix);
        stageFirst = List.copyOf(stageFirst);
        Objects.requireNonNull(expedited, "expedited");
    }

    /**
     * How versions follow each other.
     *
     * @param oneStamp whether all artifacts of a release carry its number
     * @param floor no target lies below it
     * @param required versions that can't be jumped over
     * @param floating by shape of a floating tag, the environments that may follow one
     */
    public record Versioning(
            boolean oneStamp,
            Optional<Version> floor,
            Stops stops,
            List<Version> required,
            Pin pin,
            Map<Tag, Set<Environment>> floating) {
        static final Versioning FREE =
                new Versioning(false, Optional.empty(), Stops.NONE, List.of(), Pin.TAG, Map.of());

        public Versioning {
            Objects.requireNonNull(floor, "floor");
            Objects.requireNonNull(stops, "stops");
            required = List.copyOf(required);
            Objects.requireNonNull(pin, "pin");
            floating = Map.copyOf(floating);
        }
    }

    /** Where a way through the versions must stop. */
    public enum Stops {
        /** Nowhere: any version to any later one in one hop. */
        NONE,
        /** At the latest patch of every minor line. */
        EVERY_MINOR,
        /** At a major's last minor, before the next major. */
        LAST_MINOR_OF_MAJOR
    }

    /** How a tenant names what it runs. */
    public enum Pin {
        /** By the exact tag; its digest is recorded. */
        TAG,
        /** By digest. */
        DIGEST
    }

    /** The shapes of tags that move. */
    public enum Tag {
        /** {@code snapshot}: the main branch. */
        SNAPSHOT,
        /** {@code 1}: a major's latest. */
        MAJOR,
        /** {@code 1.4}: a minor's latest patch. */
        MINOR
    }

    /** What an installation is for. */
    public enum Environment {
        PRODUCTION,
        STAGING,
        DEVELOPMENT,
        CI
    }

    /**
     * How release notes are read and written.
     *
     * @param triggers words that ask for an acknowledgement wherever they stand in the notes of a release crossed
     * @param labels the same, as labels of a section or a line
     * @param removalsFirst whether removals stand above everything else
     * @param replacements whether a removal names what takes its place
     * @param link where notes are published; may hold {@code {version}}
     */
    public record NotesPolicy(
            Set<String> triggers, Set<String> labels, boolean removalsFirst, boolean replacements, String link) {
        static final NotesPolicy NONE = new NotesPolicy(Set.of(), Set.of(), false, false, "");

        public NotesPolicy {
            triggers = Set.copyOf(triggers);
            labels = Set.copyOf(labels);
            Objects.requireNonNull(link, "link");
        }
    }

    /**
     * How long what was announced to go away stays.
     *
     * @param extendable whether a later release may announce a later end
     * @param pattern by which its uses are found in logs; empty if by none
     */
    public record Deprecation(Keep keep, boolean extendable, String pattern) {
        public Deprecation {
            Objects.requireNonNull(keep, "keep");
            Objects.requireNonNull(pattern, "pattern");
        }

        /** For how long. */
        public enum Keep {
            /** It may go with any release. */
            NOT_AT_ALL,
            /** Through every release of the major in which it was announced. */
            MAJOR_CYCLE,
            /** Through one full minor line after the one in which it was announced, and then only in a major. */
            MINOR_CYCLE
        }
    }

    /** What else than the newest is supported, with security fixes; absent: not at all. */
    public record Support(Optional<Term> previousMajor, Optional<Term> previousMinor) {
        public Support {
            Objects.requireNonNull(previousMajor, "previousMajor");
            Objects.requireNonNull(previousMinor, "previousMinor");
        }
    }

    /** For how long after its successor came out; without a period, until the successor's own successor comes out. */
    public record Term(Optional<Period> period) {
        public Term {
            Objects.requireNonNull(period, "period");
        }
    }

    /**
     * How far two components may be apart, in every state that a plan goes through.
     *
     * @param minors within the same major; absent: any minor of the same major
     */
    public record Skew(ComponentName one, ComponentName other, Optional<Integer> minors) {
        public Skew {
            Objects.requireNonNull(one, "one");
            Objects.requireNonNull(other, "other");
            if (minors.orElse(0) < 0) {
                throw new IllegalArgumentException("minors " + minors + " must not be negative");
            }
        }
    }

    /**
     * How a major is crossed.
     *
     * @param first what goes before everything else
     * @param trailing what may follow through the day within a major, but not across one
     */
    public record AcrossMajors(List<ComponentName> first, List<ComponentName> trailing, boolean sameWindow) {
        public AcrossMajors {
            first = List.copyOf(first);
            trailing = List.copyOf(trailing);
        }
    }

    /** Third parties that the releases in a range need, by name. */
    public record Row(Range releases, Map<String, Range> needs) {
        public Row {
            Objects.requireNonNull(releases, "releases");
            needs = Map.copyOf(needs);
        }
    }

    /**
     * Where a version must have run before it may go on.
     *
     * @param in tenants of the same account and product in one of these environments
     * @param runFor how long it must have run there
     * @param always whether there must be such a tenant; otherwise the rule applies only where there is one
     * @param releases which versions it applies to
     */
    public record StageFirst(Set<Environment> in, Duration runFor, boolean always, Range releases) {
        public StageFirst {
            in = Set.copyOf(in);
            Objects.requireNonNull(runFor, "runFor");
            Objects.requireNonNull(releases, "releases");
        }
    }

    /**
     * The lane of security releases.
     *
     * @param bumps which bumps may take it
     * @param soak what a ring's soak shrinks to
     * @param notice what the notice shrinks to
     * @param approvals how many different people must agree to go against a customer's delay
     */
    public record Expedited(Set<Bump> bumps, Duration soak, Duration notice, int approvals) {
        static final Expedited NONE = new Expedited(Set.of(), Duration.ZERO, Duration.ZERO, 2);

        public Expedited {
            bumps = Set.copyOf(bumps);
            if (soak.isNegative() || notice.isNegative() || approvals < 1) {
                throw new IllegalArgumentException(
                        "soak and notice must not be negative, and somebody must approve: " + approvals);
            }
        }
    }
}
