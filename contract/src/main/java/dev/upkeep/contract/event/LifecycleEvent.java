package dev.upkeep.contract.event;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What happens to tenants and rollouts, for those who want to be told. */
public sealed interface LifecycleEvent extends Event {

    /** What one tenant's upgrade has come to; keyed by the tenant. */
    sealed interface OfUpgrade extends LifecycleEvent {
        /** Which upgrade, of whom, from where to where. */
        Subject subject();

        @Override
        default String key() {
            return subject().tenant().value();
        }
    }

    /** What a rollout has come to; keyed by the rollout. */
    sealed interface OfRollout extends LifecycleEvent {
        /** Which. */
        RolloutId rollout();

        /** The product that ships the release. */
        ProductName product();

        /** The release's version. */
        Version version();

        @Override
        default String key() {
            return rollout().value();
        }
    }

    /** Which upgrade an event is about. */
    record Subject(
            TenantId tenant,
            AccountId account,
            ProductName product,
            Version from,
            Version to,
            UpgradeId upgrade,
            RolloutId rollout) {
        public Subject {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(account, "account");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
            Objects.requireNonNull(upgrade, "upgrade");
            Objects.requireNonNull(rollout, "rollout");
        }
    }

    /**
     * What is announced of an upgrade: when it may start, and what it will mean.
     *
     * @param revision 1 for the first announcement, more where what was announced no longer held
     * @param notBefore the earliest start; it may be later
     * @param bump what separates the two versions
     * @param downtime for how long the tenant will not be served, at most; zero: not at all
     */
    record Schedule(int revision, Instant notBefore, Bump bump, Duration downtime) {
        public Schedule {
            Objects.requireNonNull(notBefore, "notBefore");
            Objects.requireNonNull(bump, "bump");
            Objects.requireNonNull(downtime, "downtime");
        }
    }

    /**
     * It will be upgraded when its blockers are gone; said again when what was said no longer holds.
     *
     * @param schedule absent where a planner of the minor before said it
     */
    record UpgradePlanned(Subject subject, List<String> notes, Optional<Schedule> schedule) implements OfUpgrade {
        public UpgradePlanned {
            Objects.requireNonNull(subject, "subject");
            notes = List.copyOf(notes);
            Objects.requireNonNull(schedule, "schedule");
        }

        /** One without a schedule. */
        public UpgradePlanned(Subject subject, List<String> notes) {
            this(subject, notes, Optional.empty());
        }
    }

    /**
     * It had started, changed nothing, and waits again: its window would not have held it and its way back.
     *
     * @param notBefore when it may start again at the earliest, if that is known
     */
    record UpgradePostponed(Subject subject, String reason, Optional<Instant> notBefore) implements OfUpgrade {
        public UpgradePostponed {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(notBefore, "notBefore");
        }
    }

    /**
     * It is still at work, or will be, when its window closes.
     *
     * @param closes when the window closes or closed
     * @param reason what it is doing
     * @param until when it will be done, as far as that can be told
     */
    record UpgradeOverrunning(Subject subject, Instant closes, String reason, Instant until) implements OfUpgrade {
        public UpgradeOverrunning {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(closes, "closes");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(until, "until");
        }
    }

    /** Its first step was emitted. */
    record UpgradeStarted(Subject subject) implements OfUpgrade {
        public UpgradeStarted {
            Objects.requireNonNull(subject, "subject");
        }
    }

    /** It runs the new version, on this evidence. */
    record UpgradeConfirmed(Subject subject, List<Verdict.Finding> evidence) implements OfUpgrade {
        public UpgradeConfirmed {
            Objects.requireNonNull(subject, "subject");
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * It runs a version on its way, on this evidence, and has further to go.
     *
     * @param reached the version that it runs now
     */
    record HopConfirmed(Subject subject, Version reached, List<Verdict.Finding> evidence) implements OfUpgrade {
        public HopConfirmed {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reached, "reached");
            evidence = List.copyOf(evidence);
        }
    }

    /** It was given up with nothing under way; it runs what {@code subject.from} says. */
    record UpgradeAborted(Subject subject, String reason) implements OfUpgrade {
        public UpgradeAborted {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** It is going back, because of this. */
    record UpgradeUndoing(Subject subject, String reason, List<Verdict.Finding> because) implements OfUpgrade {
        public UpgradeUndoing {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reason, "reason");
            because = List.copyOf(because);
        }
    }

    /**
     * It runs the old version again.
     *
     * @param facts among them the gap report's place and size, where a backup was restored
     */
    record UpgradeRolledBack(Subject subject, String reason, List<Verdict.Finding> because, Map<String, String> facts)
            implements OfUpgrade {
        public UpgradeRolledBack {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reason, "reason");
            because = List.copyOf(because);
            facts = Map.copyOf(facts);
        }
    }

    /**
     * It waits for a person.
     *
     * @param waysOut what can be done, each with what it does: {@code retry: runs the step again}
     */
    record UpgradeHeld(Subject subject, String reason, List<String> waysOut) implements OfUpgrade {
        public UpgradeHeld {
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(reason, "reason");
            waysOut = List.copyOf(waysOut);
        }
    }

    /** A release begins to go out. */
    record RolloutStarted(RolloutId rollout, ProductName product, Version version, int tenants) implements OfRollout {
        public RolloutStarted {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
        }
    }

    /** A ring's tenants may start. */
    record RingOpened(RolloutId rollout, ProductName product, Version version, RingName ring) implements OfRollout {
        public RingOpened {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(ring, "ring");
        }
    }

    /** No further tenant starts, because of this. */
    record RolloutStopped(RolloutId rollout, ProductName product, Version version, String reason) implements OfRollout {
        public RolloutStopped {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Every tenant has ended. */
    record RolloutFinished(RolloutId rollout, ProductName product, Version version, int confirmed, int rolledBack)
            implements OfRollout {
        public RolloutFinished {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
        }
    }

    /** A release was recalled, and those who run it begin to go back. */
    record RecallStarted(RolloutId rollout, ProductName product, Version version, int tenants, String reason)
            implements OfRollout {
        public RecallStarted {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** No further tenant goes back, because of this. */
    record RecallStopped(RolloutId rollout, ProductName product, Version version, String reason) implements OfRollout {
        public RecallStopped {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Every tenant of a recall has ended.
     *
     * @param back how many left the release
     * @param stayed how many were put back on it, because going back failed
     */
    record RecallFinished(RolloutId rollout, ProductName product, Version version, int back, int stayed)
            implements OfRollout {
        public RecallFinished {
            Objects.requireNonNull(rollout, "rollout");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(version, "version");
        }
    }
}
