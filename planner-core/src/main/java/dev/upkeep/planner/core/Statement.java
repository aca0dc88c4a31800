package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What somebody can say about a tenant's upgrades, or about a rollout's ring. */
public sealed interface Statement {

    /** The customer agrees to a version or a line of versions. */
    record Consent(Line line) implements Statement {
        public Consent {
            Objects.requireNonNull(line, "line");
        }
    }

    /** The customer asks for a version. */
    record Request(Version version) implements Statement {
        public Request {
            Objects.requireNonNull(version, "version");
        }
    }

    /** Somebody has read a release's notes. */
    record NotesRead(Version version) implements Statement {
        public NotesRead {
            Objects.requireNonNull(version, "version");
        }
    }

    /** Somebody has read a release's migration guide. */
    record GuideRead(Version version) implements Statement {
        public GuideRead {
            Objects.requireNonNull(version, "version");
        }
    }

    /**
     * The customer wants to wait.
     *
     * @param postpones the oldest release that it keeps back; empty where none was out yet
     * @param countedFrom when that release came out, or an older one that was kept back before
     */
    record Delay(Instant until, Optional<Version> postpones, Optional<Instant> countedFrom) implements Statement {
        public Delay {
            Objects.requireNonNull(until, "until");
            Objects.requireNonNull(postpones, "postpones");
            Objects.requireNonNull(countedFrom, "countedFrom");
        }
    }

    /** Somebody asks to go against the customer's delay, for a security release. */
    record OverrideAsked(Version version) implements Statement {
        public OverrideAsked {
            Objects.requireNonNull(version, "version");
        }
    }

    /**
     * Somebody agrees to what somebody else asked for.
     *
     * @param what as {@link Said.Approval} has it
     */
    record Approval(String what, Version version, String requestedBy) implements Statement {
        public Approval {
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(requestedBy, "requestedBy");
        }
    }

    /** An approver lets a rule go for the upgrade to a version. */
    record Waiver(String rule, Version version) implements Statement {
        /** The rules that may be let go. */
        public static final Set<String> RULES = Set.of(NoticeRules.CONTACT_IS_REACHABLE);

        public Waiver {
            Objects.requireNonNull(version, "version");
            if (!RULES.contains(rule)) {
                throw new IllegalArgumentException("rule '" + rule + "' can't be waived, only " + RULES + " can");
            }
        }
    }

    /** What it says, for a person. */
    default String told() {
        return switch (this) {
            case Consent s -> "consents to " + s.line();
            case Request s -> "asks for " + s.version();
            case NotesRead s -> "has read the notes of " + s.version();
            case GuideRead s -> "has read the migration guide of " + s.version();
            case Delay s -> "postpones upgrades until " + s.until();
            case OverrideAsked s -> "asks to go against the delay with " + s.version();
            case Approval s -> "approves " + s.what() + " for " + s.version();
            case Waiver s -> "waives " + s.rule() + " for " + s.version();
        };
    }
}
