package dev.upkeep.planner.core;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.OfUpgrade;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One seeded story of a small fleet whose executors, verifier, people and clock do their worst.
 *
 * <p>After a while they become calm and answer well; then everything that began must end. What should not happen is
 * looked for after each event, by an {@link Account} that is kept apart from the planner's own. The story is long because
 * all that can happen to a fleet can be read in one place.
 */
final class Search {
    /**
     * The rules that the planner goes by in a story, and what it knows of recalls: a mutant leaves some out.
     *
     * @param start for the first hop
     * @param next for every further one
     * @param knowsRecalls whether plans are made without what was recalled
     * @param plans what becomes of each plan that is made
     */
    record Rules(
            ChangeRules change,
            List<StartRules.Rule> start,
            List<StartRules.Rule> next,
            boolean knowsRecalls,
            UnaryOperator<Plan> plans) {
        static final Rules STANDARD =
                new Rules(ChangeRules.STANDARD, StartRules.ALL, StartRules.ALL, true, UnaryOperator.identity());

        Rules changing(ChangeRules rules) {
            return new Rules(rules, start, next, knowsRecalls, plans);
        }

        Rules starting(List<StartRules.Rule> rules) {
            return new Rules(change, rules, next, knowsRecalls, plans);
        }

        Rules goingOn(List<StartRules.Rule> rules) {
            return new Rules(change, start, rules, knowsRecalls, plans);
        }

        Rules withoutRecalls() {
            return new Rules(change, start, next, false, plans);
        }

        Rules planning(UnaryOperator<Plan> made) {
            return new Rules(change, start, next, knowsRecalls, made);
        }
    }

    private final Random random;
    private final Rules rules;
    /** Of a hundred answers, how many are bad. */
    private final int trouble;

    private final Fleet fleet;
    private final Account account;
    private final Map<TenantId, Long> tokens = new HashMap<>();
    private final Map<TenantId, Version> previous = new HashMap<>();
    private final Map<TenantId, String> previousSchema = new HashMap<>();
    private final Map<UpgradeId, Upgrade> upgrades = new LinkedHashMap<>();
    private final Map<RolloutId, Rollout> rollouts = new LinkedHashMap<>();
    private final Map<Version, Recall> recalled = new HashMap<>();
    private final Map<UpgradeId, Object> open = new LinkedHashMap<>();
    private final List<News.Answer> given = new ArrayList<>();
    private final Map<News.Answer, UpgradeId> givenTo = new HashMap<>();
    private final Set<String> eventIds = new HashSet<>();
    private final Set<String> stepIds = new HashSet<>();
    private final Map<String, Planning.Planned> plans = new HashMap<>();
    private final List<Supplier<String>> story = new ArrayList<>();
    private Instant now = Samples.START;
    private int handmade;
    private int failures;
    private boolean calm;

    Search(long seed, Rules rules) {
        this.random = new Random(seed);
        this.rules = rules;
        this.trouble = List.of(0, 2, 6, 20).get(random.nextInt(4));
        this.fleet = new Fleet(seed, random);
        this.account = new Account(fleet, upgrades, rollouts, recalled);
        fleet.tenants.keySet().forEach(id -> tokens.put(id, 0L));
    }

    /** What happened in it, for those who ask whether stories tell of everything. */
    Set<String> told() {
        return account.told();
    }

    /** How many things went wrong or against the plan in it: each a case of this descriptor and this fleet. */
    int failures() {
        return failures;
    }

    /** Tells the story; what should not have happened is returned, with how it came to it. */
    Optional<String> tell(int events) {
        try {
            begin(random.nextBoolean() ? Samples.V110 : Samples.V120);
            if (random.nextInt(3) == 0) {
                begin(random.nextBoolean() ? Samples.V120 : Samples.V130);
            }
            for (int i = 0; i < events; i++) {
                event();
                admit();
                goOn();
                account.inspect(open.keySet());
            }
            calm = true;
            calmDown();
            return Optional.empty();
        } catch (Account.Wrong wrong) {
            return Optional.of(wrong.getMessage() + "\n"
                    + story.stream().map(Supplier::get).collect(Collectors.joining("\n")));
        }
    }

    private void begin(Version version) {
        RolloutId id = new RolloutId("r-" + version + "-" + rollouts.size());
        List<Tenant> behind = fleet.tenants.values().stream()
                .filter(t -> t.version().compareTo(version) < 0)
                .toList();
        rollouts.put(
                id,
                Rollout.begin(id, fleet.product.name(), version, rings(behind), "ops", now)
                        .next());
        behind.forEach(t -> plan(id, t, t.version(), version));
    }

    private List<RingProgress> rings(List<Tenant> of) {
        return fleet.product.rings().stream()
                .map(r -> RingProgress.of(r, (int)
                        of.stream().filter(t -> t.ring().equals(r.name())).count()))
                .toList();
    }

    private UpgradeId plan(RolloutId rollout, Tenant tenant, Version from, Version to) {
        Subject subject = new Subject(
                tenant.id(),
                tenant.account(),
                fleet.product.name(),
                from,
                to,
                new UpgradeId("u-" + rollout + "-" + tenant.id()),
                rollout);
        upgrades.put(subject.upgrade(), Upgrade.waiting(subject, 0));
        return subject.upgrade();
    }

    // ---- what may happen

    private void event() {
        int which = random.nextInt(calm ? 6 : 31);
        if (which >= 20 && which <= 29 && which != 23) {
            failures++;
        }
        switch (which) {
            case 4 -> passTime();
            case 5 -> resolveSome();
            case 20 -> repeatSome();
            case 21 -> parkSome();
            case 22 -> strayAnswer();
            case 23 -> passTime();
            case 24 -> turnRollout();
            case 25 -> abortSome();
            case 26, 27 -> recallSome();
            case 28 -> changeByHand();
            case 29 -> freezeSome();
            default -> answerSome();
        }
    }

    private void passTime() {
        boolean isSlow = random.nextInt(20) == 0;
        now = now.plusSeconds(random.nextInt(calm || isSlow ? 1000 : 40) + 1L);
        for (UpgradeId id : List.copyOf(upgrades.keySet())) {
            Upgrade upgrade = upgrade(id);
            if (upgrade.wakeAt().filter(at -> !now.isBefore(at)).isPresent() && (calm || random.nextInt(4) > 0)) {
                tell(id, new News.Woken());
            }
        }
        rollouts.replaceAll((id, rollout) -> rollout.woken(now).next());
    }

    private void answerSome() {
        if (open.isEmpty()) {
            passTime();
            return;
        }
        List<UpgradeId> ids = List.copyOf(open.keySet());
        answer(ids.get(random.nextInt(ids.size())));
    }

    private void answer(UpgradeId id) {
        Object asked = open.remove(id);
        News.Answer answer = switch (asked) {
            case StepRequested step -> answer(step);
            case BakeRequested bake ->
                new News.Judged(new News.Asked(bake.step(), bake.attempt(), bake.token()), verdict(id, bake));
            case null, default -> throw new AssertionError(asked);
        };
        given.add(answer);
        givenTo.put(answer, id);
        tell(id, answer);
    }

    private News.Answer answer(StepRequested step) {
        World world = fleet.world(step.tenant());
        News.Asked asked = new News.Asked(step.step(), step.attempt(), step.token());
        if (step.action() instanceof Action.ProveBackup && step.goesBack() && world.revertsLeaveARest) {
            boolean known = step.facts().containsKey(Fact.SCHEMA_KNOWN);
            if (!known) {
                return new News.NotDone(asked, "not-reversible", "migrating again gives another schema", "look", false);
            }
        }
        if (calm || random.nextInt(100) >= trouble) {
            world.act(step);
            return new News.Done(asked, world.found(step), "done");
        }
        switch (random.nextInt(6)) {
            case 0 -> {
                // It is done, but does not say what was found.
                world.act(step);
                return new News.Done(asked, Map.of(), "done");
            }
            case 1 -> {
                if (random.nextBoolean()) {
                    world.act(step);
                }
                return new News.Unclear(asked, "the executor died");
            }
            default -> {
                world.fail(step, random);
                return new News.NotDone(asked, "planted", "it failed", "look", random.nextBoolean());
            }
        }
    }

    private Verdict verdict(UpgradeId id, BakeRequested bake) {
        Verdict.Finding finding = new Verdict.Finding("f", "good", "found");
        if (calm || random.nextInt(100) >= 2 * trouble) {
            account.proven(id, bake.step());
            return new Verdict.Confirm(List.of(finding));
        }
        return random.nextInt(3) > 0
                ? new Verdict.Rollback(List.of(finding), List.of())
                : new Verdict.Hold(List.of(finding), List.of());
    }

    private void repeatSome() {
        if (!given.isEmpty()) {
            News.Answer answer = given.get(random.nextInt(given.size()));
            UpgradeId id = givenTo.get(answer);
            State before = upgrade(id).state();
            tell(id, answer);
            Account.check(before.equals(upgrade(id).state()), "a repeated answer moved " + id);
        }
    }

    private void strayAnswer() {
        if (upgrades.isEmpty()) {
            return;
        }
        UpgradeId id = anyUpgrade();
        State before = upgrade(id).state();
        News.Asked stale = upgrade(id)
                .step()
                .map(s -> new News.Asked(s.id(), 1 + random.nextInt(3), new Token(9999)))
                .orElse(new News.Asked(new StepId("none"), 1, new Token(1)));
        tell(id, new News.Done(stale, Map.of("backup.proven", "true"), "stray"));
        Account.check(before.equals(upgrade(id).state()), "a stray answer moved " + id);
    }

    private UpgradeId anyUpgrade() {
        List<UpgradeId> ids = List.copyOf(upgrades.keySet());
        return ids.get(random.nextInt(ids.size()));
    }

    private void parkSome() {
        if (!upgrades.isEmpty() && random.nextInt(5) == 0) {
            tell(anyUpgrade(), new News.KeyWasParked("planner-results", "poison"));
        }
    }

    private void turnRollout() {
        for (RolloutId id : List.copyOf(rollouts.keySet())) {
            Rollout rollout = rollout(id);
            switch (random.nextInt(14)) {
                case 0, 1 -> rollouts.put(id, rollout.pause("ops", now).next());
                case 2, 3, 4, 5, 6 -> resume(id);
                case 7 -> {
                    rollouts.put(
                            id, rollout.abort("ops", random.nextBoolean(), now).next());
                    endAborted(id);
                }
                default -> {}
            }
        }
    }

    /** What the desk does to the upgrades of an aborted rollout. */
    private void endAborted(RolloutId id) {
        Rollout rollout = rollout(id);
        if (rollout.phase() != Rollout.Phase.ABORTED) {
            return;
        }
        for (UpgradeId of : List.copyOf(upgrades.keySet())) {
            if (upgrade(of).subject().rollout().equals(id)) {
                tell(of, new News.GivenUp(rollout.reason()));
                if (rollout.turnsBack() && upgrade(of).state().phase().isActive()) {
                    abort(of, rollout.reason());
                }
            }
        }
    }

    private void resume(RolloutId id) {
        Rollout rollout = rollout(id);
        boolean wasStopped = rollout.phase() == Rollout.Phase.STOPPED;
        rollouts.put(id, rollout.resume("ops", now).next());
        if (wasStopped) {
            account.forgive(id);
        }
    }

    private void abortSome() {
        if (!upgrades.isEmpty() && random.nextInt(3) == 0) {
            UpgradeId id = anyUpgrade();
            if (!upgrade(id).state().phase().isEnded()) {
                abort(id, "ada had enough");
            }
        }
    }

    private void abort(UpgradeId id, String cause) {
        Upgrade before = upgrade(id);
        Aborting promise = Aborting.of(before);
        if (promise instanceof Aborting.ResolvesByUndo) {
            open.remove(id);
        }
        tell(id, new News.Abort(cause));
        if (before.abort().isEmpty()) {
            account.promised(before, upgrade(id), promise);
        }
    }

    /** Takes a release back, as the desk does; most often one that somebody runs. */
    private void recallSome() {
        if (random.nextInt(4) > 0) {
            return;
        }
        List<Version> run = fleet.tenants.values().stream()
                .map(Tenant::version)
                .filter(v -> !v.equals(Samples.V100))
                .toList();
        Version version = run.isEmpty() || random.nextInt(4) == 0
                ? Fleet.VERSIONS.get(1 + random.nextInt(Fleet.VERSIONS.size() - 1))
                : run.get(random.nextInt(run.size()));
        Recall recall = recalled.computeIfAbsent(
                version, v -> new Recall(v, "ada", "it loses notes", random.nextBoolean(), now));
        story.add(() -> now + " " + recall.told());
        plans.clear();
        for (RolloutId id : List.copyOf(rollouts.keySet())) {
            Rollout rollout = rollout(id);
            if (rollout.kind() == Rollout.Kind.RELEASE && rollout.version().equals(version)) {
                rollouts.put(id, rollout.recalled(recall, now).next());
                endAborted(id);
            }
        }
        for (UpgradeId id : List.copyOf(upgrades.keySet())) {
            Upgrade upgrade = upgrade(id);
            boolean onTheWay = upgrade.step().isPresent()
                    && upgrade.plan().filter(p -> p.to().equals(version)).isPresent();
            if (onTheWay
                    && kind(upgrade) == Rollout.Kind.RELEASE
                    && upgrade.abort().isEmpty()) {
                abort(id, recall.told());
            }
        }
        if (recall.goBack()) {
            takeBack(recall);
        }
    }

    private void takeBack(Recall recall) {
        Map<Tenant, Optional<Version>> back = new LinkedHashMap<>();
        for (Tenant tenant : fleet.tenants.values()) {
            boolean covered = of(tenant)
                    .anyMatch(u -> kind(u) == Rollout.Kind.RECALL
                            && rollout(u.subject().rollout()).version().equals(recall.version())
                            && !u.state().phase().isEnded());
            Optional<Version> coming = of(tenant)
                    .filter(u -> u.isProven() && u.plan().orElseThrow().to().equals(recall.version()))
                    .map(u -> u.hops().runs())
                    .findFirst();
            if (!covered && (tenant.version().equals(recall.version()) || coming.isPresent())) {
                back.put(tenant, coming.or(() -> Optional.ofNullable(previous.get(tenant.id()))));
            }
        }
        if (back.isEmpty()) {
            return;
        }
        RolloutId id = new RolloutId("back-" + recall.version() + "-" + rollouts.size());
        rollouts.put(
                id,
                Rollout.begin(id, fleet.product.name(), recall, rings(List.copyOf(back.keySet())), now)
                        .next());
        back.forEach((tenant, came) -> {
            Optional<Version> to = Recalling.target(fleet.product, known(), recall.version(), came);
            UpgradeId upgrade = plan(id, tenant, recall.version(), to.orElse(recall.version()));
            if (to.isEmpty()) {
                tell(upgrade, new News.HasNoWay(List.of("there is nothing to go back to")));
            }
        });
    }

    private Stream<Upgrade> of(Tenant tenant) {
        return upgrades.values().stream().filter(u -> u.subject().tenant().equals(tenant.id()));
    }

    private Rollout.Kind kind(Upgrade upgrade) {
        return rollout(upgrade.subject().rollout()).kind();
    }

    /** Somebody changes a schema by hand. */
    private void changeByHand() {
        List<TenantId> ids = List.copyOf(fleet.tenants.keySet());
        TenantId id = ids.get(random.nextInt(ids.size()));
        World world = fleet.world(id);
        if (active(id).isEmpty() && !world.applied.isEmpty() && random.nextInt(4) == 0) {
            world.applied.add(World.BY_HAND + handmade++);
        }
    }

    /** Somebody freezes a tenant on which an upgrade is under way, or moves its window. */
    private void freezeSome() {
        List<TenantId> busy = fleet.tenants.keySet().stream()
                .filter(id -> active(id).isPresent())
                .toList();
        if (busy.isEmpty() || random.nextInt(3) > 0) {
            return;
        }
        TenantId id = busy.get(random.nextInt(busy.size()));
        if (random.nextBoolean()) {
            fleet.freeze(id, now, now.plusSeconds(600));
        } else {
            Instant from = random.nextBoolean() ? now : now.plusSeconds(random.nextInt(1800));
            fleet.close(id, from, from.plusSeconds(600));
        }
    }

    private void resolveSome() {
        List<UpgradeId> held = upgrades.entrySet().stream()
                .filter(e -> e.getValue().state() instanceof State.Held)
                .map(Map.Entry::getKey)
                .toList();
        if (held.isEmpty()) {
            return;
        }
        UpgradeId id = held.get(random.nextInt(held.size()));
        State.Held state = (State.Held) upgrade(id).state();
        Way way = state.ways().get(random.nextInt(state.ways().size()));
        World world = fleet.world(upgrade(id).subject().tenant());
        if (way == Way.DONE_BY_HAND) {
            doByHand(upgrade(id), world);
        }
        if (way == Way.ADOPT_AS_FOUND) {
            account.adopted(id);
        }
        open.remove(id);
        long before = upgrade(id).revision();
        List<Entry> log = tell(id, new News.Resolved(way, "ops", ""));
        Account.check(upgrade(id).revision() > before, "a resolution did nothing");
        Account.check(log.stream().noneMatch(e -> e.kind().equals("ignored")), way + " was offered and ignored");
    }

    /** A person does what the step would have done. */
    private void doByHand(Upgrade upgrade, World world) {
        Step step = upgrade.step().orElseThrow();
        Plan plan = upgrade.plan().orElseThrow();
        if (!step.isJudged() && !(step.action() instanceof Action.Person)) {
            Object request = Requests.ask(upgrade.subject(), plan, step, 1, new Token(1), upgrade.facts())
                    .orElseThrow();
            world.act((StepRequested) request);
        }
    }

    // ---- starts

    private void admit() {
        List<UpgradeId> waiting = new ArrayList<>(upgrades.entrySet().stream()
                .filter(e -> e.getValue().state() instanceof State.Waiting)
                .map(Map.Entry::getKey)
                .toList());
        Collections.shuffle(waiting, random);
        for (UpgradeId id : waiting) {
            Tenant tenant = fleet.tenant(upgrade(id).subject().tenant());
            Rollout rollout = rollout(upgrade(id).subject().rollout());
            boolean recall = rollout.kind() == Rollout.Kind.RECALL;
            if (rollout.phase() == Rollout.Phase.ABORTED) {
                tell(id, new News.GivenUp(rollout.reason()));
                continue;
            }
            if (recall && active(tenant.id()).isEmpty() && !tenant.version().equals(rollout.version())) {
                tell(id, new News.GivenUp("it does not run it"));
                continue;
            }
            StartFacts facts = facts(id, tenant, rollout);
            List<Blocker> blockers = StartRules.blockers(rules.start(), facts, now);
            switch (facts.planned()) {
                case Planning.Planned.Way way
                when blockers.isEmpty() -> {
                    account.checkStart(id, tenant, rollout, way.plan(), now);
                    fresh(id, tenant);
                    begin(id, way, facts);
                }
                case Planning.Planned.Way way -> {}
                case Planning.Planned.NoWay none
                when recall && active(tenant.id()).isEmpty() -> tell(id, new News.HasNoWay(none.reasons()));
                case Planning.Planned.NoWay none -> {}
            }
        }
    }

    /** An upgrade begins on what its tenant runs now, and goes on with the tenant's tokens. */
    private void fresh(UpgradeId id, Tenant tenant) {
        Subject planned = upgrade(id).subject();
        Subject subject = new Subject(
                planned.tenant(),
                planned.account(),
                planned.product(),
                tenant.version(),
                planned.to(),
                id,
                planned.rollout());
        Upgrade waiting = Upgrade.waiting(subject, tokens.getOrDefault(tenant.id(), 0L));
        upgrades.put(
                id,
                new Upgrade(
                        subject,
                        new Hops(upgrade(id).hops().begun(), tenant.version(), List.of()),
                        Optional.empty(),
                        waiting.state(),
                        upgrade(id).facts(),
                        waiting.token(),
                        upgrade(id).revision(),
                        upgrade(id).abort()));
    }

    private void goOn() {
        for (UpgradeId id : List.copyOf(upgrades.keySet())) {
            Upgrade upgrade = upgrade(id);
            if (!(upgrade.state() instanceof State.BetweenHops) || (!calm && random.nextBoolean())) {
                continue;
            }
            Tenant tenant = fleet.tenant(upgrade.subject().tenant());
            Rollout rollout = rollout(upgrade.subject().rollout());
            if (rollout.phase() == Rollout.Phase.ABORTED) {
                tell(id, new News.GivenUp(rollout.reason()));
                continue;
            }
            StartFacts facts = facts(id, tenant, rollout);
            List<Blocker> blockers = StartRules.blockersOfNextHop(rules.next(), facts, now);
            switch (facts.planned()) {
                case Planning.Planned.Way way
                when blockers.isEmpty() -> {
                    account.checkHop(upgrade, tenant, rollout, way.plan(), now);
                    begin(id, way, facts);
                }
                case Planning.Planned.Way way -> {}
                case Planning.Planned.NoWay none -> tell(id, new News.HasNoWay(none.reasons()));
            }
        }
    }

    private void begin(UpgradeId id, Planning.Planned.Way way, StartFacts facts) {
        TenantId tenant = upgrade(id).subject().tenant();
        fleet.world(tenant).newHop();
        boolean known = way.plan().goesBack() && way.plan().to().equals(previous.get(tenant));
        Optional<String> schema = known ? Optional.ofNullable(previousSchema.get(tenant)) : Optional.empty();
        account.hopBegins(
                id,
                facts.windowCloses(now),
                facts.estimate().map(Estimate::undo).orElse(Duration.ZERO));
        tell(id, new News.MayBegin(way.plan(), way.ahead(), facts.known(schema, now)));
    }

    private StartFacts facts(UpgradeId id, Tenant tenant, Rollout rollout) {
        Version to = upgrade(id).subject().to();
        Optional<UpgradeId> other = active(tenant.id()).filter(o -> !o.equals(id));
        return fleet.paperwork.facts(
                tenant,
                fleet.said(tenant),
                fleet.product,
                known(),
                planned(tenant, rollout, to),
                rollout,
                to,
                new Surroundings(other, Optional.empty(), List.of(), List.of(), Map.of(), Map.of()),
                now);
    }

    private Planning.Planned planned(Tenant tenant, Rollout rollout, Version to) {
        return plans.computeIfAbsent(tenant.version() + " " + to, way -> {
            Planning.Planned planned = rollout.kind() == Rollout.Kind.RECALL
                    ? Recalling.plan(fleet.product, tenant, known(), to, Map.of())
                    : Planning.next(fleet.product, tenant, known(), to, Map.of());
            return switch (planned) {
                case Planning.Planned.Way found ->
                    new Planning.Planned.Way(rules.plans().apply(found.plan()), found.ahead());
                case Planning.Planned.NoWay none -> none;
            };
        });
    }

    private Releases known() {
        return new Releases(fleet.releases, rules.knowsRecalls() ? recalled : Map.of());
    }

    private Optional<UpgradeId> active(TenantId tenant) {
        return upgrades.values().stream()
                .filter(u ->
                        u.subject().tenant().equals(tenant) && u.state().phase().isActive())
                .map(u -> u.subject().upgrade())
                .findFirst();
    }

    // ---- telling and looking

    private Upgrade upgrade(UpgradeId id) {
        Upgrade upgrade = upgrades.get(id);
        if (upgrade == null) {
            throw new AssertionError("there is no upgrade " + id);
        }
        return upgrade;
    }

    private Rollout rollout(RolloutId id) {
        Rollout rollout = rollouts.get(id);
        if (rollout == null) {
            throw new AssertionError("there is no rollout " + id);
        }
        return rollout;
    }

    private List<Entry> tell(UpgradeId id, News news) {
        Upgrade before = upgrade(id);
        Decision decision = Course.decide(before, news, now, rules.change());
        Account.check(
                random.nextInt(8) > 0 || decision.equals(Course.decide(before, news, now, rules.change())),
                "the same news decided differently");
        Upgrade after = decision.next();
        Instant at = now;
        story.add(() -> at + " " + id + " " + news.getClass().getSimpleName() + " → "
                + after.state().phase() + " "
                + decision.log().stream()
                        .map(e -> e.kind() + "(" + e.text() + ")")
                        .collect(Collectors.joining(", ")));
        upgrades.put(id, after);
        TenantId tenant = after.subject().tenant();
        tokens.merge(tenant, after.token(), Math::max);
        install(before, after);
        int requests = 0;
        for (Envelope said : decision.says()) {
            Account.check(eventIds.add(said.id().value()), "the id " + said.id() + " was used twice");
            World world = fleet.world(tenant);
            switch (said.event()) {
                case StepRequested step -> {
                    requests++;
                    isOfOneHop(id, after.hops().begun(), step.step());
                    open.put(id, step);
                    world.look(step, after.plan().orElseThrow());
                    account.asked(id, step, after, now);
                    if (step.action() instanceof Action.Reopen) {
                        account.reopens(id, after);
                    }
                }
                case BakeRequested bake -> {
                    requests++;
                    isOfOneHop(id, after.hops().begun(), bake.step());
                    open.put(id, bake);
                    world.look(bake, after.plan().orElseThrow());
                }
                case OfUpgrade event -> account.said(event, before, after);
                default -> {}
            }
            Account.check(world.wrongs.isEmpty(), String.valueOf(world.wrongs));
        }
        Account.check(requests <= 1, "two steps in flight at once");
        account.moved(before, after);
        State.Phase from = before.state().phase();
        State.Phase to = after.state().phase();
        if (from != to) {
            Rollout.Move move = new Rollout.Move(fleet.tenant(tenant).ring(), from, to);
            rollouts.computeIfPresent(
                    after.subject().rollout(),
                    (r, rollout) -> rollout.moved(List.of(move), now).next());
        }
        return decision.log();
    }

    private void isOfOneHop(UpgradeId upgrade, int hop, StepId step) {
        stepIds.add(upgrade + " " + step + " " + hop);
        for (int other = 1; other < hop; other++) {
            Account.check(!stepIds.contains(upgrade + " " + step + " " + other), "step " + step + " is of two hops");
        }
    }

    /** What the store keeps of a tenant. */
    private void install(Upgrade before, Upgrade after) {
        Version runs = after.hops().runs();
        if (runs.equals(before.hops().runs())) {
            return;
        }
        TenantId id = after.subject().tenant();
        fleet.tenants.computeIfPresent(id, (i, tenant) -> tenant.on(runs));
        previous.remove(id);
        previousSchema.remove(id);
        if (runs.compareTo(before.hops().runs()) > 0) {
            previous.put(id, before.hops().runs());
            Optional.ofNullable(after.facts().get(Fact.SCHEMA_BEFORE)).ifPresent(s -> previousSchema.put(id, s));
        }
    }

    /** From here on everybody does well: what began must end, and holds must have ways out that work. */
    private void calmDown() {
        for (int i = 0; i < 4000; i++) {
            rollouts.keySet().forEach(this::resume);
            if (upgrades.values().stream().noneMatch(u -> u.state().phase().isActive())) {
                return;
            }
            event();
            goOn();
            account.inspect(open.keySet());
        }
        throw new Account.Wrong("I6: not everything ended: "
                + upgrades.values().stream()
                        .filter(u -> u.state().phase().isActive())
                        .map(u -> u.subject().upgrade() + " " + u.state())
                        .toList());
    }
}
