package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a ring of a rollout is, in counts: no decision ever reads all its upgrades.
 *
 * @param waiting not begun
 * @param barred held before they began
 * @param active begun, neither held nor ended
 * @param forgiven failures that a person has looked at and resumed after
 * @param lastEnd when the last of its upgrades ended
 */
public record RingProgress(
        Product.Ring ring,
        int waiting,
        int barred,
        int active,
        int held,
        int confirmed,
        int rolledBack,
        int aborted,
        int forgiven,
        Optional<Instant> openedAt,
        Optional<Instant> lastEnd) {
    public RingProgress {
        Objects.requireNonNull(ring, "ring");
        Objects.requireNonNull(openedAt, "openedAt");
        Objects.requireNonNull(lastEnd, "lastEnd");
        if (waiting < 0 || barred < 0 || active < 0 || held < 0 || confirmed < 0 || rolledBack < 0 || aborted < 0) {
            throw new IllegalArgumentException("ring " + ring.name() + " counts below nothing: waiting " + waiting
                    + ", active " + active + ", held " + held);
        }
    }

    /** One whose upgrades have not begun. */
    public static RingProgress of(Product.Ring ring, int tenants) {
        return new RingProgress(ring, tenants, 0, 0, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty());
    }

    /** The upgrades that were rolled back or are held. */
    public int failures() {
        return rolledBack + held;
    }

    /** Whether nothing further may start. */
    public boolean isBudgetSpent() {
        return failures() - forgiven > ring.failureBudget();
    }

    /** How many more may be under way. */
    public int freeSlots() {
        return Math.max(0, ring.concurrency() - active);
    }

    /** Whether all its upgrades have ended. */
    public boolean isDone() {
        return isDoneButForBarred() && barred == 0;
    }

    /** Whether all its upgrades have ended, except those that a person must let begin. */
    boolean isDoneButForBarred() {
        return waiting == 0 && active == 0 && held == 0;
    }

    /** When it has soaked, or will have. */
    Instant soakedAt(Instant now) {
        return lastEnd.or(() -> openedAt).map(end -> end.plus(ring.soak())).orElse(now);
    }

    RingProgress opened(Instant now) {
        return new RingProgress(
                ring,
                waiting,
                barred,
                active,
                held,
                confirmed,
                rolledBack,
                aborted,
                forgiven,
                Optional.of(now),
                lastEnd);
    }

    /** The counts with so many more that have not begun, or fewer. */
    RingProgress with(int more) {
        return new RingProgress(
                ring,
                waiting + more,
                barred,
                active,
                held,
                confirmed,
                rolledBack,
                aborted,
                forgiven,
                openedAt,
                lastEnd);
    }

    RingProgress forgiving() {
        return new RingProgress(
                ring, waiting, barred, active, held, confirmed, rolledBack, aborted, failures(), openedAt, lastEnd);
    }

    /** The counts after one of its upgrades went from a phase to another. */
    RingProgress moved(State.Phase from, State.Phase to, Instant now) {
        RingProgress left = counted(from, -1);
        RingProgress moved = left.counted(to, 1);
        return to.isEnded() && !from.isEnded()
                ? new RingProgress(
                        ring,
                        moved.waiting,
                        moved.barred,
                        moved.active,
                        moved.held,
                        moved.confirmed,
                        moved.rolledBack,
                        moved.aborted,
                        forgiven,
                        openedAt,
                        Optional.of(now))
                : moved;
    }

    private RingProgress counted(State.Phase phase, int by) {
        int w = phase == State.Phase.WAITING ? by : 0;
        int b = phase == State.Phase.BARRED ? by : 0;
        int a = phase.isActive() && phase != State.Phase.HELD ? by : 0;
        int h = phase == State.Phase.HELD ? by : 0;
        int c = phase == State.Phase.CONFIRMED ? by : 0;
        int r = phase == State.Phase.ROLLED_BACK ? by : 0;
        int g = phase == State.Phase.ABORTED ? by : 0;
        return new RingProgress(
                ring,
                waiting + w,
                barred + b,
                active + a,
                held + h,
                confirmed + c,
                rolledBack + r,
                aborted + g,
                forgiven,
                openedAt,
                lastEnd);
    }
}
