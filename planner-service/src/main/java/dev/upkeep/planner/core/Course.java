package dev.upkeep.planner.core;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.Verdict.Finding;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.planner.core.State.Backward;
import dev.upkeep.planner.core.State.Cause;
import dev.upkeep.planner.core.State.Closing;
import dev.upkeep.planner.core.State.Forward;
import dev.upkeep.planner.core.State.Held;
import dev.upkeep.planner.core.State.Moving;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One decision in the making: an upgrade and a piece of news in, the next state and what is said out.
 *
 * <p>Ordering: one step is in flight at a time, and only an answer that bears its step, attempt and token moves the
 * upgrade; everything else is written down and changes nothing.
 *
 * <p>Failure: a step is tried {@value #TRIES} times where it says that may help; then the way forward turns into the
 * way back, and the way back, which has no other way, is held for a person. This class is longer than most because
 * the whole life of an upgrade can be read in one place.
 */
final class Course {
    static final int TRIES = 3;
    static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    /** How long an answer may be late: executors may be down, and come back. */
    static final Duration GRACE = Duration.ofMinutes(10);

    private final Upgrade before;
    private final Subject subject;
    private final Instant now;
    private final ChangeRules rules;
    private final Map<String, String> facts;
    private final List<Envelope> says = new ArrayList<>();
    private final List<Entry> log = new ArrayList<>();
    private Optional<Plan> plan;
    private State state;
    private long token;

    private Course(Upgrade before, Instant now, ChangeRules rules) {
        this.before = before;
        this.subject = before.subject();
        this.now = now;
        this.rules = rules;
        this.facts = new HashMap<>(before.facts());
        this.plan = before.plan();
        this.state = before.state();
        this.token = before.token();
    }

    static Decision decide(Upgrade upgrade, News news, Instant now) {
        return decide(upgrade, news, now, ChangeRules.STANDARD);
    }

    static Decision decide(Upgrade upgrade, News news, Instant now, ChangeRules rules) {
        Course course = new Course(upgrade, now, rules);
        switch (upgrade.state()) {
            case State.Waiting s -> course.waiting(news);
            case Moving s -> course.moving(s, news);
            case Held s -> course.held(s, news);
            case State.Ended s -> course.ignored(news, "it has ended");
        }
        return course.decision();
    }

    private Decision decision() {
        if (says.isEmpty() && log.isEmpty()) {
            return new Decision(before, says, log);
        }
        return new Decision(new Upgrade(subject, plan, state, facts, token, before.revision() + 1), says, log);
    }

    private Plan plan() {
        return plan.orElseThrow(() -> new IllegalStateException("a moving upgrade has a plan"));
    }

    // ---- before it begins

    private void waiting(News news) {
        switch (news) {
            case News.MayBegin n -> {
                plan = Optional.of(n.plan());
                say("started", new UpgradeStarted(subject));
                note("upgrade-started", "", subject.from() + " → " + subject.to() + " begins", Map.of());
                ask(new Forward(0, new Try.Unasked(0, 0)));
            }
            case News.GivenUp n -> abort(n.reason());
            case News.KeyWasParked n -> hold(state, parked(n), List.of(Way.RETRY, Way.UNDO));
            case News.Woken n -> {}
            case News.Answer n -> ignored(n, "it has not begun");
            case News.Resolved n -> ignored(n, "it is not held");
        }
    }

    private void abort(String reason) {
        state = new State.Aborted(reason);
        note("upgrade-aborted", "", "given up before it began: " + reason, Map.of());
    }

    // ---- while a step is under way

    private void moving(Moving at, News news) {
        switch (news) {
            case News.Answer n -> {
                if (at.attempt() instanceof Try.InFlight flight
                        && n.of().equals(new News.Asked(step(at).id(), flight.number(), flight.token()))) {
                    answered(at, n);
                } else {
                    ignored(n, "it is no answer to the attempt in flight");
                }
            }
            case News.Woken n -> woken(at);
            case News.KeyWasParked n -> hold(at, parked(n), ways(at));
            case News.MayBegin n -> ignored(n, "it has begun");
            case News.Resolved n -> ignored(n, "it is not held");
            case News.GivenUp n -> {
                // What has begun goes on to its end: stopping half-way would leave neither version.
            }
        }
    }

    private void woken(Moving at) {
        switch (at.attempt()) {
            case Try.Backoff t when !now.isBefore(t.due()) -> ask(at);
            case Try.InFlight t
            when !now.isBefore(t.overdue()) ->
                hold(at, step(at).title() + ": no answer, its deadline and " + GRACE + " have passed", ways(at));
            case Try.Backoff t -> {}
            case Try.InFlight t -> {}
            case Try.Unasked t -> {}
        }
    }

    private void answered(Moving at, News.Answer answer) {
        Step step = step(at);
        switch (answer) {
            case News.Done a when !step.isJudged() -> done(at, step, a);
            case News.NotDone a when !step.isJudged() -> notDone(at, step, a);
            case News.Unclear a
            when !step.isJudged() -> {
                note("step-uncertain", step.id().value(), step.title() + ": " + a.reason(), Map.of());
                hold(at, step.title() + ": nobody can tell whether it was done: " + a.reason(), ways(at));
            }
            case News.Judged a when step.isJudged() -> judged(at, step, a.verdict());
            case News.Answer a -> ignored(a, "that service does not answer such a step");
        }
    }

    private void done(Moving at, Step step, News.Done answer) {
        Optional<String> broken = Promises.broken(plan(), step, answer.found());
        if (broken.isPresent()) {
            note("step-failed", step.id().value(), step.title() + ": " + broken.get(), Map.of("code", "fact-missing"));
            failed(at, step.title() + ": " + broken.get(), List.of());
            return;
        }
        Facts.keep(facts, plan(), step, answer.found());
        note("step-succeeded", step.id().value(), step.title() + ": " + answer.summary(), answer.found());
        next(at);
    }

    private void notDone(Moving at, Step step, News.NotDone answer) {
        int failures = at.attempt().failures() + 1;
        if (answer.retryable() && failures < TRIES && plan().mayTryAgain(step)) {
            Duration wait = Duration.ofSeconds(1L << Math.min(failures - 1, 10));
            Instant due = now.plus(wait.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : wait);
            state = at.with(new Try.Backoff(at.attempt().number(), failures, due));
            note(
                    "step-failed",
                    step.id().value(),
                    step.title() + ": " + answer.reason() + "; tried again in " + wait.toSeconds() + " s",
                    Map.of("code", answer.code(), "fix", answer.fix(), "again-at", due.toString()));
            return;
        }
        note(
                "step-failed",
                step.id().value(),
                step.title() + ": " + answer.reason(),
                Map.of("code", answer.code(), "fix", answer.fix()));
        failed(at, step.title() + ": " + answer.reason() + "; " + answer.fix(), List.of());
    }

    private void judged(Moving at, Step step, Verdict verdict) {
        switch (verdict) {
            case Verdict.Confirm v -> {
                note("verdict-confirm", step.id().value(), step.title() + ": confirmed", figures(v.evidence()));
                if (step.action() instanceof Action.Baseline) {
                    facts.put(Fact.BASELINE, step.id().value());
                }
                if (step.action() instanceof Action.Prove) {
                    facts.put("evidence." + step.id(), evidence(v.evidence()));
                }
                next(at);
            }
            case Verdict.Rollback v -> {
                note(
                        "verdict-rollback",
                        step.id().value(),
                        step.title() + ": " + told(v.because()),
                        figures(v.because()));
                failed(at, step.title() + ": " + told(v.because()), v.because());
            }
            case Verdict.Hold v -> {
                note("verdict-hold", step.id().value(), step.title() + ": " + told(v.missing()), figures(v.missing()));
                hold(at, step.title() + ": there is no verdict: " + told(v.missing()), ways(at));
            }
        }
    }

    /** The step can't be done: the way forward turns back, unless the new version is proven already. */
    private void failed(Moving at, String reason, List<Finding> because) {
        switch (at) {
            case Forward f when !plan().isProvenAt(f.index()) -> undo(f.asked(), new Cause(reason, because));
            case Moving m -> hold(m, reason, ways(m));
        }
    }

    // ---- from step to step

    private Step step(Moving at) {
        return Upgrade.steps(plan(), at).get(at.index());
    }

    private void next(Moving at) {
        int index = at.index() + 1;
        if (index < Upgrade.steps(plan(), at).size()) {
            ask(
                    switch (at) {
                        case Forward f -> new Forward(index, new Try.Unasked(0, 0));
                        case Backward b ->
                            new Backward(b.route(), index, new Try.Unasked(0, 0), b.asked(), b.reverting(), b.cause());
                        case Closing c -> new Closing(index, new Try.Unasked(0, 0), c.asked(), c.serves(), c.cause());
                    });
            return;
        }
        switch (at) {
            case Forward f -> confirm(evidence());
            case Backward b when b.route() == Route.READING -> chooseRoute(b);
            case Backward b -> rolledBack(b.route(), b.cause());
            case Closing c -> closed(c.serves(), c.cause());
        }
    }

    /** Asks for the step once more, or for the first time. */
    private void ask(Moving at) {
        Step step = step(at);
        int number = at.attempt().number() + 1;
        Moving unasked = at.with(new Try.Unasked(number, at.attempt().failures()));
        Optional<String> refusal = rules.refusal(at, plan(), step, facts);
        if (refusal.isPresent()) {
            refused(unasked, step, refusal.get());
            return;
        }
        if (step.action() instanceof Action.Ask a) {
            hold(unasked, "by hand: " + a.what(), ways(unasked));
            return;
        }
        Token next = new Token(token + 1);
        Optional<Event> request = Requests.ask(subject, plan(), step, number, next, facts);
        if (request.isEmpty()) {
            refused(unasked, step, "a fact that it needs was never found");
            return;
        }
        token = next.value();
        Duration patience = step.deadline().plus(GRACE);
        state = at.with(new Try.InFlight(number, at.attempt().failures(), next, now.plus(patience)));
        says.add(new Envelope(
                new EventId(subject.upgrade() + ":" + step.id() + ":" + number + ":requested"),
                "planner",
                now,
                request.get()));
        note("step-requested", step.id().value(), step.title(), Map.of("attempt", Integer.toString(number)));
    }

    /** The planner itself does not let a step go out. Nothing of it has happened, so it does not count as asked for. */
    private void refused(Moving unasked, Step step, String reason) {
        note("step-refused", step.id().value(), step.title() + ": " + reason, Map.of());
        switch (unasked) {
            case Forward f
            when !plan().isProvenAt(f.index()) -> undo(f.index(), new Cause(step.title() + ": " + reason, List.of()));
            case Moving m -> hold(m, step.title() + ": " + reason, ways(m));
        }
    }

    // ---- the way back

    private void undo(int asked, Cause cause) {
        say("undoing", new UpgradeUndoing(subject, cause.reason(), cause.because()));
        note("upgrade-undoing", "", "goes back to " + subject.from() + ": " + cause.reason(), Map.of());
        if (!plan().disturbedAfter(asked)) {
            take(Route.NOTHING, asked, List.of(), cause);
        } else if (plan().undo().containsKey(Route.READING) && facts.containsKey(Fact.SCHEMA_BEFORE)) {
            take(Route.READING, asked, List.of(), cause);
        } else {
            // Without a schema that was read before, no migration was let out: the previous version fits what is there.
            boolean restore = plan().undoing() == Product.Undo.RESTORE && isBackupProven();
            take(restore ? Route.IRREVERSIBLE : Route.UNCHANGED, asked, List.of(), cause);
        }
    }

    private void chooseRoute(Backward reading) {
        Found found = Found.choose(plan(), facts);
        note(
                "route-chosen",
                "",
                "way back: " + found.route().word() + ", because " + found.because(),
                Map.of("route", found.route().word(), "ran", String.join(",", found.ran())));
        if (found.route() == Route.IRREVERSIBLE && !isBackupProven()) {
            hold(
                    reading,
                    "the database must be restored, because " + found.because() + ", but there is no proven backup",
                    List.of(Way.RETRY));
            return;
        }
        take(found.route(), reading.asked(), found.ran(), reading.cause());
    }

    private boolean isBackupProven() {
        return plan().restores() && "true".equals(facts.get(Fact.BACKUP_PROVEN));
    }

    private void take(Route route, int asked, List<String> reverting, Cause cause) {
        if (plan().route(route, asked, reverting).isEmpty()) {
            rolledBack(route, cause);
        } else {
            ask(new Backward(route, 0, new Try.Unasked(0, 0), asked, reverting, cause));
        }
    }

    // ---- the ends

    private void confirm(List<Finding> evidence) {
        state = new State.Confirmed(evidence);
        say("confirmed", new UpgradeConfirmed(subject, evidence));
        note("upgrade-confirmed", "", subject.to() + " confirmed: " + told(evidence), Map.of());
    }

    private void rolledBack(Route route, Cause cause) {
        state = new State.RolledBack(route, cause);
        Map<String, String> told = new HashMap<>();
        facts.forEach((name, value) -> {
            if (name.startsWith("gap.") || name.startsWith("backup.")) {
                told.put(name, value);
            }
        });
        told.put("route", route.word());
        say("rolled-back", new UpgradeRolledBack(subject, cause.reason(), cause.because(), told));
        note("upgrade-rolled-back", "", "runs " + subject.from() + " again: " + cause.reason(), told);
    }

    private void closed(Version serves, Cause cause) {
        if (serves.equals(subject.to())) {
            confirm(List.of(new Finding("adopted", "a person vouches for it", cause.reason())));
        } else {
            rolledBack(Route.CLOSING, cause);
        }
    }

    // ---- waiting for a person

    private void hold(State at, String reason, List<Way> ways) {
        state = new Held(reason, ways, at);
        List<String> told = ways.stream().map(Way::told).toList();
        say("held", new UpgradeHeld(subject, reason, told));
        note("upgrade-held", "", reason, Map.of("ways", String.join("; ", told)));
    }

    private void held(Held held, News news) {
        switch (news) {
            case News.Resolved n
            when !held.ways().contains(n.way()) -> ignored(n, n.way().word() + " is no way out of this");
            case News.Resolved n -> {
                note(
                        "hold-resolved",
                        "",
                        n.way().word() + " by " + n.by() + (n.note().isBlank() ? "" : ": " + n.note()),
                        Map.of("way", n.way().word(), "by", n.by(), "note", n.note()));
                resolve(held, n);
            }
            case News.GivenUp n when held.at() instanceof State.Waiting -> abort(n.reason());
            case News.GivenUp n -> {}
            case News.Woken n -> {}
            case News.KeyWasParked n -> ignored(n, "it is held already");
            case News.Answer n -> ignored(n, "it is held; a person decides");
            case News.MayBegin n -> ignored(n, "it is held");
        }
    }

    private void resolve(Held held, News.Resolved news) {
        String by = news.way().word() + " by " + news.by() + (news.note().isBlank() ? "" : ": " + news.note());
        switch (held.at()) {
            case State.Waiting w -> {
                if (news.way() == Way.RETRY) {
                    state = w;
                } else {
                    abort(by);
                }
            }
            case Moving m -> {
                switch (news.way()) {
                    case RETRY -> ask(m.with(new Try.Unasked(m.attempt().number(), 0)));
                    case UNDO -> undo(m.asked(), new Cause(by + "; held because " + held.reason(), List.of()));
                    case DONE_BY_HAND -> next(m);
                    case ADOPT_AS_FOUND -> adopt(m, new Cause(by + "; held because " + held.reason(), List.of()));
                }
            }
            case Held h -> throw new IllegalStateException("held twice");
            case State.Ended e -> throw new IllegalStateException("held after its end");
        }
    }

    private void adopt(Moving at, Cause cause) {
        Version serves = serving(at).orElseThrow(() -> new IllegalStateException("adopt was not offered"));
        // A way back parks traffic of its own accord, also where the way forward had not come so far.
        boolean parks = at instanceof Backward b && b.route() != Route.NOTHING;
        int asked = parks ? plan().forward().size() : at.asked();
        if (plan().route(Route.CLOSING, asked, List.of()).isEmpty()) {
            closed(serves, cause);
        } else {
            ask(new Closing(0, new Try.Unasked(0, 0), asked, serves, cause));
        }
    }

    /** The ways out that work from here. */
    private List<Way> ways(Moving at) {
        List<Way> ways = new ArrayList<>();
        Step step = step(at);
        if (!(step.action() instanceof Action.Ask)) {
            ways.add(Way.RETRY);
        }
        if (at instanceof Forward f && !plan().isProvenAt(f.index())) {
            ways.add(Way.UNDO);
        }
        // What must be judged, or must be found for later steps to rest on, can't be replaced by somebody's word.
        if (!step.isJudged() && Promises.of(plan(), step).isEmpty()) {
            ways.add(Way.DONE_BY_HAND);
        }
        if (!(at instanceof Closing) && serving(at).isPresent()) {
            ways.add(Way.ADOPT_AS_FOUND);
        }
        return ways;
    }

    /** The version whose every start has been done, if there is one: a mixture can't be adopted. */
    private Optional<Version> serving(Moving at) {
        List<Step> steps = Upgrade.steps(plan(), at);
        boolean starts = steps.stream().anyMatch(Course::starts);
        boolean allDone = steps.stream().skip(at.index()).noneMatch(Course::starts);
        return switch (at) {
            case Forward f when starts && allDone -> Optional.of(subject.to());
            // To read a schema, what its database runs in may have been started: no version serves by that.
            case Backward b when starts && allDone && b.route() != Route.READING -> Optional.of(subject.from());
            case Backward b when b.route() == Route.NOTHING -> Optional.of(subject.from());
            case Moving m -> Optional.empty();
        };
    }

    private static boolean starts(Step step) {
        return step.action() instanceof Action.Start || step.action() instanceof Action.Redeploy;
    }

    // ---- words

    private List<Finding> evidence() {
        List<Finding> evidence = new ArrayList<>();
        for (Step step : plan().forward()) {
            String found = facts.get("evidence." + step.id());
            if (found != null) {
                evidence.add(new Finding(step.id().value(), "every probe and watch within its bounds", found));
            }
        }
        if (evidence.isEmpty()) {
            int steps = plan().forward().size();
            evidence.add(new Finding("steps", "all done", steps + " of " + steps));
        }
        return evidence;
    }

    private static String evidence(List<Finding> findings) {
        return String.join(
                "; ", findings.stream().map(f -> f.name() + " " + f.found()).toList());
    }

    private static String told(List<Finding> findings) {
        return String.join(
                "; ",
                findings.stream()
                        .map(f -> f.name() + ": " + f.found() + " (expected " + f.expected() + ")")
                        .toList());
    }

    private static Map<String, String> figures(List<Finding> findings) {
        Map<String, String> figures = new HashMap<>();
        findings.forEach(f -> figures.put(f.name(), f.found() + " (expected " + f.expected() + ")"));
        return figures;
    }

    private static String parked(News.KeyWasParked news) {
        return news.service() + " can't process a record about this tenant (" + news.reason()
                + "); later ones wait: release the key there, then choose";
    }

    private void ignored(News news, String why) {
        String what = switch (news) {
            case News.Answer a -> a.of().step() + " attempt " + a.of().attempt() + " token " + a.of().token();
            case News.MayBegin n -> "start";
            case News.Woken n -> "wake-up";
            case News.KeyWasParked n -> "parked key";
            case News.Resolved n -> n.way().word() + " by " + n.by();
            case News.GivenUp n -> "abort";
        };
        if (!(news instanceof News.Woken) && !(news instanceof News.GivenUp)) {
            note("ignored", news instanceof News.Answer a ? a.of().step().value() : "", what + ": " + why, Map.of());
        }
    }

    private void say(String kind, Event event) {
        says.add(new Envelope(
                new EventId(subject.upgrade() + ":" + kind + ":" + (before.revision() + 1)), "planner", now, event));
    }

    private void note(String kind, String step, String text, Map<String, String> details) {
        log.add(new Entry(kind, step, text, details));
    }
}
