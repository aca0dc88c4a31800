package dev.upkeep.planner.core;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
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
 * One decision in the making: an upgrade and a piece of news in, the next state and what is said out. The way on is
 * here; {@link WayBack} has the way back, {@link Holding} what a person decides.
 *
 * <p>Ordering: one step is in flight at a time, and only an answer that bears its step, attempt and token moves the
 * upgrade; everything else is written down and changes nothing. A hop begins with no facts but what was known before it.
 *
 * <p>Failure: a step is tried {@value #TRIES} times where it says that may help; then the way forward turns into the
 * way back, and the way back, which has no other way, is held for a person.
 */
final class Course {
    static final int TRIES = 3;
    static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    /** How long an answer may be late: executors may be down, and come back. */
    static final Duration GRACE = Duration.ofMinutes(10);

    /** How often the hop was postponed: who never gets to the first change in time needs a person, or a longer window. */
    private static final String POSTPONED = "postponed.times";

    private static final List<Way> WAYS_BEFORE_IT_BEGINS = List.of(Way.RETRY, Way.UNDO);
    private static final List<Way> WAYS_WHERE_IT_IS = List.of(Way.RETRY, Way.ADOPT_AS_FOUND);

    private final Upgrade before;
    private final Instant now;
    private final ChangeRules rules;
    private final Map<String, String> facts;
    private final List<Envelope> says = new ArrayList<>();
    private final List<Entry> log = new ArrayList<>();
    private final WayBack back = new WayBack(this);
    private final Holding holding = new Holding(this, back);
    private Hops hops;
    private Optional<Plan> plan;
    private Optional<String> abort;
    private State state;
    private long token;

    private Course(Upgrade before, Instant now, ChangeRules rules) {
        this.before = before;
        this.now = now;
        this.rules = rules;
        this.facts = new HashMap<>(before.facts());
        this.hops = before.hops();
        this.plan = before.plan();
        this.abort = before.abort();
        this.state = before.state();
        this.token = before.token();
    }

    static Decision decide(Upgrade upgrade, News news, Instant now) {
        return decide(upgrade, news, now, ChangeRules.STANDARD);
    }

    static Decision decide(Upgrade upgrade, News news, Instant now, ChangeRules rules) {
        Course course = new Course(upgrade, now, rules);
        switch (upgrade.state()) {
            case State.Waiting s -> course.resting(s, news);
            case State.BetweenHops s -> course.resting(s, news);
            case Moving s -> course.moving(s, news);
            case Held s -> course.holding.held(s, news);
            case State.Ended s -> course.ignored(news, "it has ended");
        }
        return course.decision();
    }

    private Decision decision() {
        if (says.isEmpty() && log.isEmpty()) {
            return new Decision(before, says, log);
        }
        Upgrade next = new Upgrade(before.subject(), hops, plan, state, facts, token, before.revision() + 1, abort);
        return new Decision(next, says, log);
    }

    // ---- what this decision is about

    Upgrade before() {
        return before;
    }

    /** The whole of it: from where it began to where it goes. */
    Subject subject() {
        return before.subject();
    }

    /** The same from the version that is installed: what is said of a way back must name where it leads. */
    Subject here() {
        Subject whole = before.subject();
        return new Subject(
                whole.tenant(),
                whole.account(),
                whole.product(),
                hops.runs(),
                whole.to(),
                whole.upgrade(),
                whole.rollout());
    }

    Plan plan() {
        return plan.orElseThrow(() -> new IllegalStateException("a moving upgrade has a plan"));
    }

    Map<String, String> facts() {
        return facts;
    }

    void become(State next) {
        state = next;
    }

    void hold(State at, String reason, List<Way> ways) {
        holding.hold(at, reason, ways);
    }

    // ---- before a hop

    private void resting(State at, News news) {
        boolean begun = at instanceof State.BetweenHops;
        switch (news) {
            case News.MayBegin n -> begin(n);
            case News.HasNoWay n ->
                holding.hold(at, "there is no way on: " + String.join("; ", n.reasons()), WAYS_WHERE_IT_IS);
            case News.GivenUp n -> giveUp(n.reason());
            case News.Abort n -> {
                abort = Optional.of(n.cause());
                giveUp(n.cause());
            }
            case News.KeyWasParked n -> holding.hold(at, parked(n), begun ? WAYS_WHERE_IT_IS : WAYS_BEFORE_IT_BEGINS);
            case News.Woken n -> {}
            case News.Answer n -> ignored(n, begun ? "no step is under way" : "it has not begun");
            case News.Resolved n -> ignored(n, "it is not held");
        }
    }

    private void begin(News.MayBegin news) {
        hops = hops.next(news.plan().from(), news.ahead());
        plan = Optional.of(news.plan().asHop(hops.begun()));
        // What one hop found is nothing to the next: another backup, another schema, another baseline.
        Optional<String> postponed = Optional.ofNullable(facts.get(POSTPONED));
        facts.clear();
        facts.putAll(news.known());
        postponed.ifPresent(times -> facts.put(POSTPONED, times));
        if (state instanceof State.Waiting) {
            say("started", new UpgradeStarted(subject()));
            note("upgrade-started", "", subject().from() + " → " + subject().to() + " begins" + over(), Map.of());
        } else {
            note("hop-started", "", hops.runs() + " → " + plan().to() + " begins" + over(), Map.of());
        }
        ask(new Forward(0, new Try.Unasked(0, 0)));
    }

    private String over() {
        return hops.isLast()
                ? ""
                : ", by way of "
                        + (state instanceof State.Waiting
                                ? plan().to()
                                : hops.ahead().getFirst());
    }

    /** Ends with nothing under way. */
    void giveUp(String reason) {
        become(new State.Aborted(reason));
        say("aborted", new UpgradeAborted(here(), reason));
        note(
                "upgrade-aborted",
                "",
                hops.runs().equals(subject().from())
                        ? "given up before anything was changed: " + reason
                        : "ends on " + hops.runs() + " on the way to "
                                + subject().to() + ": " + reason,
                Map.of());
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
            case News.KeyWasParked n -> holding.hold(at, parked(n), holding.ways(at));
            case News.Abort n -> abort(at, n);
            case News.MayBegin n -> ignored(n, "it has begun");
            case News.HasNoWay n -> ignored(n, "it has begun");
            case News.Resolved n -> ignored(n, "it is not held");
            case News.GivenUp n -> {
                // What has begun goes on to its end: stopping half-way would leave neither version.
            }
        }
    }

    private void abort(Moving at, News.Abort news) {
        if (!heard(news)) {
            return;
        }
        Aborting aborting = Aborting.of(before);
        note("abort-requested", "", news.cause() + ": " + aborting.next(), Map.of());
        if (aborting instanceof Aborting.TurnsNow) {
            back.undo(at.asked(), new Cause(news.cause(), List.of()));
        }
    }

    /** Takes an abort on record; one that was heard before is no news. */
    boolean heard(News.Abort news) {
        if (abort.isPresent()) {
            return false;
        }
        abort = Optional.of(news.cause());
        return true;
    }

    private void woken(Moving at) {
        switch (at.attempt()) {
            case Try.Backoff t when !now.isBefore(t.due()) -> ask(at);
            case Try.InFlight t
            when !now.isBefore(t.overdue()) ->
                holding.hold(
                        at,
                        step(at).title() + ": no answer, its deadline and " + GRACE + " have passed",
                        holding.ways(at));
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
                holding.hold(
                        at, step.title() + ": nobody can tell whether it was done: " + a.reason(), holding.ways(at));
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
        if (answer.retryable() && failures < TRIES && plan().mayTryAgain(step) && !turnsBack(at)) {
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
                note(
                        "verdict-confirm",
                        step.id().value(),
                        step.title() + ": confirmed",
                        Evidence.figures(v.evidence()));
                if (step.action() instanceof Action.Baseline) {
                    facts.put(Fact.BASELINE, step.id().value());
                }
                if (step.action() instanceof Action.Prove) {
                    facts.put(Evidence.PREFIX + step.id(), Evidence.found(v.evidence()));
                }
                next(at);
            }
            case Verdict.Rollback v -> {
                String told = step.title() + ": " + Evidence.told(v.because());
                note("verdict-rollback", step.id().value(), told, Evidence.figures(v.because()));
                failed(at, told, v.because());
            }
            case Verdict.Hold v -> {
                String told = Evidence.told(v.missing());
                note("verdict-hold", step.id().value(), step.title() + ": " + told, Evidence.figures(v.missing()));
                String reason = step.title() + ": there is no verdict: " + told;
                // Who wants it back does not wait for a verdict on what is to go.
                if (turnsBack(at)) {
                    failed(at, reason, v.missing());
                } else {
                    holding.hold(at, reason, holding.ways(at));
                }
            }
        }
    }

    /** The step can't be done: the way forward turns back, unless the new version is proven already. */
    private void failed(Moving at, String reason, List<Finding> because) {
        switch (at) {
            case Forward f
            when !plan().isProvenAt(f.index()) ->
                back.undo(f.asked(), new Cause(abort.map(why -> why + "; ").orElse("") + reason, because));
            case Moving m -> holding.hold(m, reason, holding.ways(m));
        }
    }

    /** Whether somebody wants it back, and it was not proven when the step began that is under way. */
    private boolean turnsBack(Moving at) {
        return abort.isPresent() && at instanceof Forward f && !plan().isProvenAt(f.index());
    }

    // ---- from step to step

    Step step(Moving at) {
        return Upgrade.steps(plan(), at).get(at.index());
    }

    void next(Moving at) {
        if (turnsBack(at)) {
            back.undo(at.asked(), new Cause(abort.orElseThrow(), List.of()));
            return;
        }
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
            case Forward f -> hopIsDone(Evidence.of(plan(), facts));
            case Backward b -> back.arrived(b);
            case Closing c -> closed(c.serves(), c.cause());
        }
    }

    /** Asks for the step once more, or for the first time. */
    void ask(Moving at) {
        Step step = step(at);
        int number = at.attempt().number() + 1;
        Moving unasked = at.with(new Try.Unasked(number, at.attempt().failures()));
        Optional<String> tooLate = rules.tooLate(at, plan(), facts, now);
        if (tooLate.isPresent()) {
            note("step-refused", step.id().value(), step.title() + ": " + tooLate.get(), Map.of());
            Cause later = new Cause(tooLate.get(), List.of(), true);
            if (plan().disturbedAfter(at.index())) {
                // What people were asked to do by hand is asked back.
                back.undo(at.index(), later);
            } else {
                back.letGo(at.index(), later);
            }
            return;
        }
        Optional<String> refusal = rules.refusal(at, plan(), step, facts);
        if (refusal.isPresent()) {
            refused(unasked, step, refusal.get());
            return;
        }
        if (step.action() instanceof Action.Ask a) {
            holding.hold(unasked, "by hand: " + a.what(), holding.ways(unasked));
            return;
        }
        Token next = new Token(token + 1);
        Optional<Event> request = Requests.ask(subject(), plan(), step, number, next, facts);
        if (request.isEmpty()) {
            refused(unasked, step, "a fact that it needs was never found");
            return;
        }
        token = next.value();
        Duration patience = step.deadline().plus(GRACE);
        state = at.with(new Try.InFlight(number, at.attempt().failures(), next, now.plus(patience)));
        says.add(new Envelope(
                new EventId(subject().upgrade() + ":" + step.id() + ":" + number + ":requested"),
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
            when !plan().isProvenAt(f.index()) ->
                back.undo(f.index(), new Cause(step.title() + ": " + reason, List.of()));
            case Moving m -> holding.hold(m, step.title() + ": " + reason, holding.ways(m));
        }
    }

    // ---- the ends of a hop

    /** All is as it was before the hop; it begins anew when there is time for it, and in another place of the way if need be. */
    void postpone(String reason) {
        if (abort.isPresent()) {
            giveUp(abort.get());
            return;
        }
        int times = Integer.parseInt(facts.getOrDefault(POSTPONED, "0")) + 1;
        facts.put(POSTPONED, Integer.toString(times));
        boolean isFirst = hops.runs().equals(subject().from());
        hops = isFirst ? hops.anew() : hops.again(plan().to());
        State resting = isFirst ? new State.Waiting() : new State.BetweenHops();
        if (times >= TRIES) {
            holding.hold(
                    resting,
                    "it came to its first change too late " + times + " times, nothing was changed: " + reason,
                    isFirst ? WAYS_BEFORE_IT_BEGINS : WAYS_WHERE_IT_IS);
            return;
        }
        become(resting);
        say("postponed", new UpgradePostponed(here(), reason, Optional.empty()));
        note("upgrade-postponed", "", "nothing was changed, it waits for another time: " + reason, Map.of());
    }

    private void hopIsDone(List<Finding> evidence) {
        facts.remove(POSTPONED);
        hops = hops.on(plan().to());
        if (hops.isLast()) {
            become(new State.Confirmed(evidence));
            say("confirmed", new UpgradeConfirmed(subject(), evidence));
            note("upgrade-confirmed", "", subject().to() + " confirmed: " + Evidence.told(evidence), Map.of());
            return;
        }
        say("hop-confirmed", new HopConfirmed(subject(), hops.runs(), evidence));
        note(
                "hop-confirmed",
                "",
                hops.runs() + " confirmed on the way to " + subject().to() + ": " + Evidence.told(evidence),
                Map.of("ahead", hops.ahead().toString()));
        if (abort.isPresent()) {
            giveUp(abort.get());
        } else {
            become(new State.BetweenHops());
        }
    }

    /** A person vouches for what serves; so the upgrade ends there, whatever was ahead. */
    void closed(Version serves, Cause cause) {
        if (!serves.equals(plan().to())) {
            back.rolledBack(Route.CLOSING, cause);
        } else if (hops.isLast()) {
            hopIsDone(List.of(new Finding("adopted", "a person vouches for it", cause.reason())));
        } else {
            hops = hops.on(serves);
            giveUp(cause.reason());
        }
    }

    // ---- words

    static String parked(News.KeyWasParked news) {
        return news.service() + " can't process a record about this tenant (" + news.reason()
                + "); later ones wait: release the key there, then choose";
    }

    void ignored(News news, String why) {
        String what = switch (news) {
            case News.Answer a -> a.of().step() + " attempt " + a.of().attempt() + " token " + a.of().token();
            case News.MayBegin n -> "start";
            case News.HasNoWay n -> "no way";
            case News.Woken n -> "wake-up";
            case News.KeyWasParked n -> "parked key";
            case News.Resolved n -> n.way().word() + " by " + n.by();
            case News.GivenUp n -> "abort";
            case News.Abort n -> n.cause();
        };
        if (!(news instanceof News.Woken) && !(news instanceof News.GivenUp)) {
            note("ignored", news instanceof News.Answer a ? a.of().step().value() : "", what + ": " + why, Map.of());
        }
    }

    void say(String kind, Event event) {
        says.add(new Envelope(
                new EventId(subject().upgrade() + ":" + kind + ":" + (before.revision() + 1)), "planner", now, event));
    }

    void note(String kind, String step, String text, Map<String, String> details) {
        log.add(new Entry(kind, step, text, details));
    }
}
