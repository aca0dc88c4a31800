package dev.upkeep.planner.core;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.RecallFinished;
import dev.upkeep.contract.event.LifecycleEvent.RecallStarted;
import dev.upkeep.contract.event.LifecycleEvent.RecallStopped;
import dev.upkeep.contract.event.LifecycleEvent.RingOpened;
import dev.upkeep.contract.event.LifecycleEvent.RolloutFinished;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStarted;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStopped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One release going out to a fleet, ring after ring; or being taken back from it.
 *
 * @param version the release that goes out, or that is left
 * @param turnsBack whether what has begun is turned back, since it was aborted
 * @param reason why it was stopped, paused or aborted; empty otherwise
 * @param rings in the order in which they open
 * @param revision how many decisions were made: it makes the ids of what they say unique
 */
public record Rollout(
        RolloutId id,
        Kind kind,
        ProductName product,
        Version version,
        Phase phase,
        boolean turnsBack,
        String reason,
        List<RingProgress> rings,
        long revision) {
    public Rollout {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(reason, "reason");
        rings = List.copyOf(rings);
    }

    /** What happens to the release. */
    public enum Kind {
        /** It goes out. */
        RELEASE,
        /** It was recalled, and those who run it go back. */
        RECALL;

        /** The word in answers, such as {@code recall}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where a rollout is. */
    public enum Phase {
        /** Its rings open one after the other. */
        RUNNING,
        /** A person paused it: what has begun goes on, nothing starts. */
        PAUSED,
        /** A ring's failure budget is spent: what has begun goes on, nothing starts. */
        STOPPED,
        /** A person gave it up: what has begun goes on to its end or is turned back, the rest never starts. */
        ABORTED,
        /** All its upgrades have ended. */
        FINISHED;

        /** The word in answers, such as {@code running}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What follows: the next state, what is said, what is written down. */
    public record Decision(Rollout next, List<Envelope> says, List<Entry> log) {
        public Decision {
            Objects.requireNonNull(next, "next");
            says = List.copyOf(says);
            log = List.copyOf(log);
        }
    }

    /** One of an upgrade's moves, as far as its rollout counts it. */
    public record Move(RingName ring, State.Phase from, State.Phase to) {}

    /** A rollout that somebody begins now; its first ring with tenants opens at once. */
    public static Decision begin(
            RolloutId id, ProductName product, Version version, List<RingProgress> rings, String by, Instant now) {
        Rollout rollout = new Rollout(id, Kind.RELEASE, product, version, Phase.RUNNING, false, "", rings, 0);
        int tenants = rings.stream().mapToInt(RingProgress::waiting).sum();
        Turn turn = new Turn(rollout, now);
        turn.say("started", new RolloutStarted(id, product, version, tenants));
        turn.note(
                "rollout-started", product + " " + version + " goes out to " + tenants + " tenants, started by " + by);
        turn.advance();
        return turn.decision();
    }

    /** The way back of those who run a recalled release; its first ring with tenants opens at once. */
    public static Decision begin(
            RolloutId id, ProductName product, Recall recall, List<RingProgress> rings, Instant now) {
        Rollout rollout = new Rollout(id, Kind.RECALL, product, recall.version(), Phase.RUNNING, false, "", rings, 0);
        int tenants = rings.stream().mapToInt(RingProgress::waiting).sum();
        Turn turn = new Turn(rollout, now);
        turn.say("started", new RecallStarted(id, product, recall.version(), tenants, recall.told()));
        turn.note("recall-started", recall.told() + "; " + tenants + " tenants go back");
        turn.advance();
        return turn.decision();
    }

    /** Counts what upgrades came to, and stops, opens the next ring or finishes where that follows. */
    public Decision moved(List<Move> moves, Instant now) {
        Turn turn = new Turn(this, now);
        for (Move move : moves) {
            turn.count(move);
        }
        turn.advance();
        return turn.decision();
    }

    /** Puts right how many tenants its rings have: some came or went while they were entered. */
    public Decision counted(Map<RingName, Integer> change, Instant now) {
        Turn turn = new Turn(this, now);
        change.forEach((ring, by) -> turn.rings.replaceAll(r -> r.ring().name().equals(ring) ? r.with(by) : r));
        turn.advance();
        return turn.decision();
    }

    /** Looks whether a ring has soaked. */
    public Decision woken(Instant now) {
        return moved(List.of(), now);
    }

    /** Nothing starts until it is resumed. */
    public Decision pause(String by, Instant now) {
        return turned(Phase.RUNNING, Phase.PAUSED, "paused by " + by, false, now);
    }

    /** It goes on; failures so far no longer count against the budget. */
    public Decision resume(String by, Instant now) {
        Phase from = phase == Phase.STOPPED ? Phase.STOPPED : Phase.PAUSED;
        return turned(from, Phase.RUNNING, "resumed by " + by, phase == Phase.STOPPED, now);
    }

    /**
     * The rest never starts.
     *
     * @param undo whether what has begun is turned back, too, instead of going on to its end; one that was aborted
     *     without may be aborted again with it
     */
    public Decision abort(String by, boolean undo, Instant now) {
        return abandon("aborted by " + by, undo, now);
    }

    /** Its release was recalled: nobody goes there any more, and who is on the way is turned back. */
    public Decision recalled(Recall recall, Instant now) {
        return abandon(recall.told(), true, now);
    }

    private Decision abandon(String why, boolean undo, Instant now) {
        if (phase == Phase.FINISHED || (phase == Phase.ABORTED && (turnsBack || !undo))) {
            return new Decision(this, List.of(), List.of());
        }
        Turn turn = new Turn(this, now);
        turn.turn(Phase.ABORTED, why);
        turn.turnsBack = undo;
        turn.saysStopped(why);
        turn.note(
                "rollout-aborted",
                why + ": what has begun "
                        + (undo ? "is turned back where it is not proven" : "goes on to the end of its hop"));
        return turn.decision();
    }

    private Decision turned(Phase from, Phase to, String why, boolean forgive, Instant now) {
        if (phase != from) {
            return new Decision(this, List.of(), List.of());
        }
        Turn turn = new Turn(this, now);
        turn.turn(to, to == Phase.RUNNING ? "" : why);
        if (forgive) {
            turn.rings.replaceAll(RingProgress::forgiving);
        }
        turn.note("rollout-" + (to == Phase.RUNNING ? "resumed" : to.word()), why);
        turn.advance();
        return turn.decision();
    }

    /** The progress of a ring. */
    public RingProgress ring(RingName name) {
        return rings.stream()
                .filter(r -> r.ring().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("rollout " + id + " has no ring " + name));
    }

    /** The ring that was opened last, unless all are done. */
    public Optional<RingProgress> current() {
        return rings.stream().filter(r -> r.openedAt().isPresent()).reduce((a, b) -> b);
    }

    /** How many upgrades may begin now, and in which ring; empty if none. */
    public Optional<RingProgress> admitting() {
        // Not only the ring opened last: where a recall went on without a barred tenant, that one may come later.
        return phase == Phase.RUNNING
                ? rings.stream()
                        .filter(r -> r.openedAt().isPresent())
                        .filter(r -> !r.isBudgetSpent() && r.freeSlots() > 0 && r.waiting() > 0)
                        .findFirst()
                : Optional.empty();
    }

    /** When the current ring has soaked, if that is what it waits for. */
    public Optional<Instant> soakedAt() {
        return phase == Phase.RUNNING
                ? current().filter(this::isOver).map(r -> r.soakedAt(Instant.MIN))
                : Optional.empty();
    }

    /** A tenant that has no way back must not keep those in the rings after it on a recalled release. */
    private boolean isOver(RingProgress ring) {
        return kind == Kind.RECALL ? ring.isDoneButForBarred() : ring.isDone();
    }

    /** One decision in the making. */
    private static final class Turn {
        private final Rollout before;
        private final Instant now;
        private final List<RingProgress> rings;
        private final List<Envelope> says = new ArrayList<>();
        private final List<Entry> log = new ArrayList<>();
        private Phase phase;
        private boolean turnsBack;
        private String reason;

        Turn(Rollout before, Instant now) {
            this.before = before;
            this.now = now;
            this.rings = new ArrayList<>(before.rings);
            this.phase = before.phase;
            this.turnsBack = before.turnsBack;
            this.reason = before.reason;
        }

        void turn(Phase to, String why) {
            phase = to;
            reason = why;
        }

        void count(Move move) {
            rings.replaceAll(r -> r.ring().name().equals(move.ring()) ? r.moved(move.from(), move.to(), now) : r);
        }

        void advance() {
            if (phase != Phase.RUNNING) {
                return;
            }
            Optional<RingProgress> spent =
                    rings.stream().filter(RingProgress::isBudgetSpent).findFirst();
            if (spent.isPresent()) {
                RingProgress ring = spent.get();
                turn(
                        Phase.STOPPED,
                        "ring " + ring.ring().name() + ": " + ring.failures()
                                + " rolled back or held, the failure budget is "
                                + ring.ring().failureBudget());
                saysStopped(reason);
                note("rollout-stopped", reason);
                return;
            }
            openWhatMayOpen();
        }

        private void openWhatMayOpen() {
            for (int i = 0; i < rings.size(); i++) {
                RingProgress ring = rings.get(i);
                if (ring.openedAt().isEmpty()) {
                    if (before.isOver(ring)) {
                        continue;
                    }
                    rings.set(i, ring.opened(now));
                    RingName name = ring.ring().name();
                    says.add(new Envelope(
                            new EventId(before.id + ":ring-" + name + ":opened"),
                            "planner",
                            now,
                            new RingOpened(before.id, before.product, before.version, name)));
                    note("ring-opened", "ring " + name + " opens for " + ring.waiting() + " tenants");
                    return;
                }
                boolean isLast = rings.stream().skip(i + 1L).allMatch(before::isOver);
                if (!before.isOver(ring) || (!isLast && now.isBefore(ring.soakedAt(now)))) {
                    return;
                }
            }
            if (rings.stream().allMatch(RingProgress::isDone)) {
                finish();
            }
        }

        private void finish() {
            int confirmed = rings.stream().mapToInt(RingProgress::confirmed).sum();
            int rolledBack = rings.stream().mapToInt(RingProgress::rolledBack).sum();
            turn(Phase.FINISHED, "");
            say(
                    "finished",
                    switch (before.kind) {
                        case RELEASE ->
                            new RolloutFinished(before.id, before.product, before.version, confirmed, rolledBack);
                        case RECALL ->
                            new RecallFinished(before.id, before.product, before.version, confirmed, rolledBack);
                    });
            note("rollout-finished", confirmed + " confirmed, " + rolledBack + " rolled back");
        }

        void saysStopped(String why) {
            say(
                    "stopped",
                    switch (before.kind) {
                        case RELEASE -> new RolloutStopped(before.id, before.product, before.version, why);
                        case RECALL -> new RecallStopped(before.id, before.product, before.version, why);
                    });
        }

        void say(String kind, Event event) {
            says.add(new Envelope(
                    new EventId(before.id + ":" + kind + ":" + (before.revision + 1)), "planner", now, event));
        }

        void note(String kind, String text) {
            log.add(new Entry(kind, "", text, Map.of()));
        }

        Decision decision() {
            if (phase == before.phase && log.isEmpty() && rings.equals(before.rings)) {
                return new Decision(before, says, log);
            }
            Rollout next = new Rollout(
                    before.id,
                    before.kind,
                    before.product,
                    before.version,
                    phase,
                    turnsBack,
                    reason,
                    rings,
                    before.revision + 1);
            return new Decision(next, says, log);
        }
    }
}
