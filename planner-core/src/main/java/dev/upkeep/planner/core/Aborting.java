package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.List;

/** What becomes of an upgrade that somebody wants to end; it depends on nothing but where the upgrade is. */
public sealed interface Aborting {

    /** What happens next, for the person who asked. */
    String next();

    /** Nothing is under way: it ends at once. */
    record Ends(Version runs, boolean begun) implements Aborting {
        @Override
        public String next() {
            return begun
                    ? "no further hop begins; it ends on " + runs + ", which is confirmed"
                    : "it had not begun and never will; " + runs + " stays";
        }
    }

    /** A step is in flight, and is never cut off. */
    record TurnsAfterStep(String step, Version back) implements Aborting {
        @Override
        public String next() {
            return "'" + step + "' is under way and runs to its end; then it goes back to " + back
                    + " by the route that fits what is found";
        }
    }

    /** No step is in flight: it turns back at once. */
    record TurnsNow(Version back) implements Aborting {
        @Override
        public String next() {
            return "it goes back to " + back + " now, by the route that fits what is found";
        }
    }

    /** The new version is proven: what is left only cleans up. */
    record Finishes(Version to, boolean further) implements Aborting {
        @Override
        public String next() {
            return to + " is proven already, so its last steps are finished"
                    + (further
                            ? ", and no further hop begins"
                            : " and it is confirmed; to leave it, recall the release");
        }
    }

    /** It is on its way back, or being closed by a person's decision, already. */
    record GoesOn(Version to) implements Aborting {
        @Override
        public String next() {
            return "it is on its way to " + to + " already and goes on";
        }
    }

    /** It is held, and to undo is one of the ways out. */
    record ResolvesByUndo(Version back) implements Aborting {
        @Override
        public String next() {
            return "it was held; it goes back to " + back + " now, by the route that fits what is found";
        }
    }

    /** It can't be ended from where it is. */
    record Refused(String reason, List<Way> ways) implements Aborting {
        public Refused {
            ways = List.copyOf(ways);
        }

        @Override
        public String next() {
            return reason
                    + (ways.isEmpty()
                            ? ""
                            : "; ways out: "
                                    + String.join(
                                            "; ", ways.stream().map(Way::told).toList()));
        }
    }

    /** What would become of it. */
    static Aborting of(Upgrade upgrade) {
        return switch (upgrade.state()) {
            case State.Waiting s -> new Ends(upgrade.hops().runs(), false);
            case State.BetweenHops s -> new Ends(upgrade.hops().runs(), true);
            case State.Forward s -> ofForward(upgrade, s);
            case State.Backward s -> new GoesOn(upgrade.plan().orElseThrow().from());
            case State.Closing s -> new GoesOn(s.serves());
            case State.Held s -> ofHeld(upgrade, s);
            case State.Ended s -> new Refused("it has ended", List.of());
        };
    }

    private static Aborting ofForward(Upgrade upgrade, State.Forward at) {
        Plan plan = upgrade.plan().orElseThrow();
        if (plan.isProvenAt(at.index())) {
            return new Finishes(plan.to(), !upgrade.hops().isLast());
        }
        return switch (at.attempt()) {
            case Try.InFlight t ->
                new TurnsAfterStep(plan.forward().get(at.index()).title(), plan.from());
            case Try.Backoff t -> new TurnsNow(plan.from());
            case Try.Unasked t -> new TurnsNow(plan.from());
        };
    }

    private static Aborting ofHeld(Upgrade upgrade, State.Held held) {
        return switch (held.at()) {
            case State.Waiting s -> new Ends(upgrade.hops().runs(), false);
            case State.BetweenHops s -> new Ends(upgrade.hops().runs(), true);
            case State.Moving s
            when held.ways().contains(Way.UNDO) ->
                new ResolvesByUndo(upgrade.plan().orElseThrow().from());
            case State s -> new Refused("it is held: " + held.reason(), held.ways());
        };
    }
}
