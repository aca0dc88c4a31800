package dev.upkeep.planner.core;

import dev.upkeep.contract.event.LifecycleEvent.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One tenant going from one version to another.
 *
 * @param plan chosen when it begins, and never again
 * @param facts what its steps found, by the names in {@link dev.upkeep.contract.step.Fact}
 * @param token the highest fencing number given on this tenant so far; 0 before the first
 * @param revision how many decisions were made: it makes the ids of what they say unique
 */
public record Upgrade(
        Subject subject, Optional<Plan> plan, State state, Map<String, String> facts, long token, long revision) {
    public Upgrade {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(state, "state");
        facts = Map.copyOf(facts);
        if (plan.isEmpty() && state instanceof State.Moving) {
            throw new IllegalArgumentException("an upgrade moves by a plan");
        }
    }

    /** One that has not begun. */
    public static Upgrade waiting(Subject subject, long token) {
        return new Upgrade(subject, Optional.empty(), new State.Waiting(), Map.of(), token, 0);
    }

    /** What follows from a piece of news; the same news on the same upgrade at the same instant decides the same. */
    public Decision decide(News news, Instant now) {
        return Course.decide(this, news, now);
    }

    /** The step that is under way or that it is held at. */
    public Optional<Step> step() {
        return plan.flatMap(p -> at(state).map(m -> steps(p, m).get(m.index())));
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
