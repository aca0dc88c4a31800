package dev.upkeep.planner.core;

import dev.upkeep.contract.event.LifecycleEvent.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One tenant going from one version to another, in one hop or more.
 *
 * @param subject from where the whole of it began to where it goes
 * @param plan of the hop under way, chosen when that began and never again
 * @param facts what the hop's steps found, by the names in {@link dev.upkeep.contract.step.Fact}
 * @param token the highest fencing number given on this tenant so far; 0 before the first
 * @param revision how many decisions were made: it makes the ids of what they say unique
 * @param abort who wants it to end and why, once somebody does
 */
public record Upgrade(
        Subject subject,
        Hops hops,
        Optional<Plan> plan,
        State state,
        Map<String, String> facts,
        long token,
        long revision,
        Optional<String> abort) {
    public Upgrade {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(hops, "hops");
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(state, "state");
        facts = Map.copyOf(facts);
        Objects.requireNonNull(abort, "abort");
        if (plan.isEmpty() && state instanceof State.Moving) {
            throw new IllegalArgumentException("an upgrade moves by a plan");
        }
        if (hops.isLast() && state instanceof State.BetweenHops) {
            throw new IllegalArgumentException("after the last hop there is nothing to be between");
        }
    }

    /** One that has not begun. */
    public static Upgrade waiting(Subject subject, long token) {
        return new Upgrade(
                subject,
                Hops.none(subject.from()),
                Optional.empty(),
                new State.Waiting(),
                Map.of(),
                token,
                0,
                Optional.empty());
    }

    /** What follows from a piece of news; the same news on the same upgrade at the same instant decides the same. */
    public Decision decide(News news, Instant now) {
        return Course.decide(this, news, now);
    }

    /** The step that is under way or that it is held at. */
    public Optional<Step> step() {
        return plan.flatMap(p -> at(state).map(m -> steps(p, m).get(m.index())));
    }

    /** Whether every judgement of the hop under way has been made, so that nothing but a person's doing can turn it back. */
    public boolean isProven() {
        return at(state)
                .map(m -> switch (m) {
                    case State.Forward f -> plan.orElseThrow().isProvenAt(f.index());
                    case State.Closing c -> c.serves().equals(plan.orElseThrow().to());
                    case State.Backward b -> false;
                })
                .orElse(false);
    }

    /** When it must be looked at again although nothing is heard. */
    public Optional<Instant> wakeAt() {
        return state instanceof State.Moving m
                ? switch (m.attempt()) {
                    case Try.InFlight t -> Optional.of(t.overdue());
                    case Try.Backoff t -> Optional.of(t.due());
                    case Try.Unasked t -> Optional.empty();
                }
                : Optional.empty();
    }

    static Optional<State.Moving> at(State state) {
        return switch (state) {
            case State.Moving m -> Optional.of(m);
            case State.Held h -> at(h.at());
            case State.Waiting w -> Optional.empty();
            case State.BetweenHops b -> Optional.empty();
            case State.Ended e -> Optional.empty();
        };
    }

    static List<Step> steps(Plan plan, State.Moving moving) {
        return switch (moving) {
            case State.Forward f -> plan.forward();
            case State.Backward b -> plan.route(b.route(), b.asked(), b.reverting());
            case State.Closing c -> plan.route(Route.CLOSING, c.asked(), List.of());
        };
    }
}
