package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.core.State.Backward;
import dev.upkeep.planner.core.State.Cause;
import dev.upkeep.planner.core.State.Closing;
import dev.upkeep.planner.core.State.Forward;
import dev.upkeep.planner.core.State.Held;
import dev.upkeep.planner.core.State.Moving;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Waiting for a person, and what follows from what the person decides: the part of {@link Course} that holds. */
final class Holding {
    private final Course course;
    private final WayBack back;

    Holding(Course course, WayBack back) {
        this.course = course;
        this.back = back;
    }

    void hold(State at, String reason, List<Way> ways) {
        course.become(new Held(reason, ways, at));
        List<String> told = ways.stream().map(Way::told).toList();
        course.say("held", new UpgradeHeld(course.here(), reason, told));
        course.note("upgrade-held", "", reason, Map.of("ways", String.join("; ", told)));
    }

    void held(Held held, News news) {
        switch (news) {
            case News.Resolved n
            when !held.ways().contains(n.way()) -> course.ignored(n, n.way().word() + " is no way out of this");
            case News.Resolved n -> {
                String by = n.way().word() + " by " + n.by() + (n.note().isBlank() ? "" : ": " + n.note());
                course.note("hold-resolved", "", by, Map.of("way", n.way().word(), "by", n.by(), "note", n.note()));
                resolve(held, n.way(), by);
            }
            case News.Abort n -> abort(held, n);
            case News.GivenUp n when !(held.at() instanceof Moving) -> course.giveUp(n.reason());
            case News.GivenUp n -> {}
            case News.Woken n -> {}
            case News.KeyWasParked n -> course.ignored(n, "it is held already");
            case News.Answer n -> course.ignored(n, "it is held; a person decides");
            case News.MayBegin n -> course.ignored(n, "it is held");
            case News.HasNoWay n -> course.ignored(n, "it is held already");
        }
    }

    private void resolve(Held held, Way way, String by) {
        switch (held.at()) {
            case State.Waiting w -> leaveOrLookAgain(w, way, by);
            case State.BetweenHops b -> leaveOrLookAgain(b, way, by);
            case Moving m -> {
                Cause cause = new Cause(by + "; held because " + held.reason(), List.of());
                switch (way) {
                    case RETRY -> course.ask(m.with(new Try.Unasked(m.attempt().number(), 0)));
                    case UNDO -> back.undo(m.asked(), cause);
                    case DONE_BY_HAND -> course.next(m);
                    case ADOPT_AS_FOUND -> adopt(m, cause);
                }
            }
            case Held h -> throw new IllegalStateException("held twice");
            case State.Ended e -> throw new IllegalStateException("held after its end");
        }
    }

    private void leaveOrLookAgain(State resting, Way way, String by) {
        if (way == Way.RETRY) {
            course.become(resting);
        } else {
            course.giveUp(by);
        }
    }

    private void abort(Held held, News.Abort news) {
        if (!course.heard(news)) {
            return;
        }
        Aborting aborting = Aborting.of(course.before());
        switch (aborting) {
            case Aborting.Ends a -> course.giveUp(news.cause());
            case Aborting.ResolvesByUndo a
            when held.at() instanceof Moving m -> {
                course.note("abort-requested", "", news.cause() + ": " + a.next(), Map.of());
                back.undo(m.asked(), new Cause(news.cause() + "; held because " + held.reason(), List.of()));
            }
            case Aborting a -> course.note("abort-refused", "", news.cause() + ": " + a.next(), Map.of());
        }
    }

    private void adopt(Moving at, Cause cause) {
        Version serves = serving(at).orElseThrow(() -> new IllegalStateException("adopt was not offered"));
        // A way back parks traffic of its own accord, also where the way forward had not come so far.
        boolean parks = at instanceof Backward b && b.route() != Route.NOTHING;
        int asked = parks ? course.plan().forward().size() : at.asked();
        if (course.plan().route(Route.CLOSING, asked, List.of()).isEmpty()) {
            course.closed(serves, cause);
        } else {
            course.ask(new Closing(0, new Try.Unasked(0, 0), asked, serves, cause));
        }
    }

    /** The ways out that work from here. */
    List<Way> ways(Moving at) {
        List<Way> ways = new ArrayList<>();
        Step step = course.step(at);
        if (!(step.action() instanceof Action.Ask)) {
            ways.add(Way.RETRY);
        }
        if (at instanceof Forward f && !course.plan().isProvenAt(f.index())) {
            ways.add(Way.UNDO);
        }
        // What must be judged, or must be found for later steps to rest on, can't be replaced by somebody's word.
        if (!step.isJudged() && Promises.of(course.plan(), step).isEmpty()) {
            ways.add(Way.DONE_BY_HAND);
        }
        if (!(at instanceof Closing) && serving(at).isPresent()) {
            ways.add(Way.ADOPT_AS_FOUND);
        }
        return ways;
    }

    /** The version whose every start has been done, if there is one: a mixture can't be adopted. */
    private Optional<Version> serving(Moving at) {
        Plan plan = course.plan();
        List<Step> steps = Upgrade.steps(plan, at);
        boolean starts = steps.stream().anyMatch(s -> s.starts().isPresent());
        boolean allDone =
                steps.stream().skip(at.index()).noneMatch(s -> s.starts().isPresent());
        return switch (at) {
            case Forward f when starts && allDone -> Optional.of(plan.to());
            // To read a schema, what its database runs in may have been started: no version serves by that.
            case Backward b when starts && allDone && b.route() != Route.READING -> Optional.of(plan.from());
            case Backward b when b.route() == Route.NOTHING -> Optional.of(plan.from());
            case Moving m -> Optional.empty();
        };
    }
}
