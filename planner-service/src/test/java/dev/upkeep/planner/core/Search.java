package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
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
import java.util.stream.Collectors;

/**
 * One seeded story of a small fleet whose executors, verifier, people and clock do their worst.
 *
 * <p>After a while they become calm and answer well; then everything that began must end. What should not happen is
 * looked for after each event, by an account that is kept apart from the planner's own.
 */
final class Search {
    private static final List<String> MISORDERED = List.of(
            "check-schema database",
            "backup-database database",
            "park-traffic gate",
            "stop app",
            "prove-backup database",
            "start app",
            "verify-shut app",
            "open-traffic gate");
    private static final List<String> BARE = List.of("stop app", "start app");
    private static final List<String> ASKING =
            List.of("ask app", "park-traffic gate", "stop app", "start app", "verify-shut app", "open-traffic gate");

    private final Random random;
    private final ChangeRules changeRules;
    private final List<StartRules.Rule> startRules;
    private final Product product;
    private final List<Release> releases;
    private final Map<TenantId, Tenant> tenants = new LinkedHashMap<>();
    private final Map<TenantId, Said> said = new HashMap<>();
    private final Map<TenantId, World> worlds = new HashMap<>();
    private final Map<TenantId, Long> tokens = new HashMap<>();
    private final Map<UpgradeId, Upgrade> upgrades = new LinkedHashMap<>();
    private final Map<RolloutId, Rollout> rollouts = new LinkedHashMap<>();
    private final Map<RolloutId, Map<String, Integer>> forgiven = new HashMap<>();
    private final Map<UpgradeId, Object> open = new LinkedHashMap<>();
    private final List<News.Answer> given = new ArrayList<>();
    private final Map<News.Answer, UpgradeId> givenTo = new HashMap<>();
    private final Set<String> eventIds = new HashSet<>();
    private final Set<UpgradeId> adopted = new HashSet<>();
    private final Map<UpgradeId, Set<String>> proofs = new HashMap<>();
    private final Map<String, Planning.Planned> plans = new HashMap<>();
    private final Paperwork paperwork;
    private final List<Supplier<String>> story = new ArrayList<>();
    private Instant now = Samples.START;
    private boolean calm;

    Search(long seed, ChangeRules changeRules, List<StartRules.Rule> startRules) {
        this.random = new Random(seed);
        this.paperwork = new Paperwork(seed);
        this.changeRules = changeRules;
        this.startRules = startRules;
        Product.Meaning meaning = Product.Meaning.simple(
                true,
                random.nextInt(6) == 0,
                random.nextInt(6) == 0 ? Duration.ofMinutes(5) : Duration.ZERO,
                random.nextInt(6) == 0 ? Product.Undo.RESTORE : Product.Undo.AS_FOUND);
        int variant = random.nextInt(8);
        List<String> steps = variant == 0 ? MISORDERED : variant == 1 ? BARE : variant == 2 ? ASKING : Samples.WHOLE;
        boolean restores = steps.contains("prove-backup database");
        Product made = Samples.product(
                steps,
                restores
                        ? meaning
                        : Product.Meaning.simple(true, meaning.consent(), meaning.notice(), Product.Undo.AS_FOUND),
                Samples.rings(1 + random.nextInt(3), random.nextInt(3)));
        // A schema can only be probed where one is read.
        this.product = paperwork.product(
                steps.contains("check-schema database")
                        ? made
                        : new Product(
                                made.name(),
                                made.components(),
                                made.bumps(),
                                made.procedures(),
                                List.of(),
                                List.of(),
                                made.rings(),
                                made.policies()));
        boolean migrates = variant > 2 && random.nextInt(4) > 0;
        this.releases = List.of(
                paperwork.release(Samples.release(Samples.V100)),
                paperwork.release(Samples.release(Samples.V110, migrations("2", migrates))),
                paperwork.release(Samples.release(Samples.V120, migrations("3", migrates))));
        int size = 1 + random.nextInt(6);
        for (int i = 0; i < size; i++) {
            String ring = i == 0 ? "staging" : i == 1 ? "canary" : "general";
            Tenant plain = Samples.tenant("t" + i, ring, Samples.V100);
            Tenant tenant = new Tenant(
                    plain.id(),
                    plain.account(),
                    plain.product(),
                    plain.version(),
                    plain.model(),
                    plain.ring(),
                    plain.zone(),
                    random.nextInt(5) == 0 ? List.of(window()) : List.of(),
                    random.nextInt(5) == 0
                            ? List.of(new Tenant.Freeze(now, now.plusSeconds(300), "quarter's end", Set.of()))
                            : List.of(),
                    Map.of(),
                    plain.site());
            said.put(
                    tenant.id(), random.nextInt(4) > 0 ? consenting(Set.of(Samples.V110, Samples.V120)) : Said.NOTHING);
            paperwork.draw(tenant, said(tenant));
            tenants.put(tenant.id(), tenant);
            worlds.put(tenant.id(), new World(Samples.V100));
            tokens.put(tenant.id(), 0L);
        }
    }

    private static Said consenting(Set<Version> majors) {
        return new Said(
                majors.stream().map(v -> new Line(v.toString())).collect(Collectors.toSet()),
                Set.of(),
                Map.of(),
                Set.of(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    private Said said(Tenant tenant) {
        return said.getOrDefault(tenant.id(), Said.NOTHING);
    }

    private Window window() {
        return new Window(
                "FREQ=DAILY", LocalDateTime.parse("2026-02-01T10:04"), Duration.ofMinutes(24 * 60 - 5), ZoneOffset.UTC);
    }

    private Migration[] migrations(String prefix, boolean any) {
        int count = any ? 1 + random.nextInt(3) : 0;
        Migration[] made = new Migration[count];
        for (int i = 0; i < count; i++) {
            made[i] = new Migration(prefix + "." + i, random.nextBoolean(), random.nextInt(4) > 0);
        }
        return made;
    }

    /** Tells the story; what should not have happened is returned, with how it came to it. */
    Optional<String> tell(int events) {
        try {
            begin(Samples.V110);
            if (random.nextInt(3) == 0) {
                begin(Samples.V120);
            }
            for (int i = 0; i < events; i++) {
                event();
                admit();
                inspect();
            }
            calm = true;
            calmDown();
            return Optional.empty();
        } catch (Wrong wrong) {
            return Optional.of(wrong.getMessage() + "\n"
                    + story.stream().map(Supplier::get).collect(Collectors.joining("\n")));
        }
    }

    private void begin(Version version) {
        RolloutId id = new RolloutId("r-" + version);
        List<RingProgress> rings = product.rings().stream()
                .map(r -> RingProgress.of(r, (int) tenants.values().stream()
                        .filter(t -> t.ring().equals(r.name()))
                        .count()))
                .toList();
        rollouts.put(
                id,
                Rollout.begin(id, product.name(), version, rings, "ops", now).next());
        forgiven.put(id, new HashMap<>());
        tenants.values().forEach(t -> {
            Subject subject = new Subject(
                    t.id(),
                    t.account(),
                    product.name(),
                    t.version(),
                    version,
                    new UpgradeId("u-" + version + "-" + t.id()),
                    id);
            upgrades.put(subject.upgrade(), Upgrade.waiting(subject, 0));
        });
    }

    // ---- what may happen

    private void event() {
        switch (random.nextInt(calm ? 6 : 14)) {
            case 0, 1, 2, 3 -> answerSome();
            case 4 -> passTime();
            case 5 -> resolveSome();
            case 6, 7, 8 -> answerSome();
            case 9 -> repeatSome();
            case 10 -> parkSome();
            case 11 -> strayAnswer();
            case 12 -> passTime();
            case 13 -> turnRollout();
            default -> throw new AssertionError();
        }
    }

    private void passTime() {
        now = now.plusSeconds(random.nextInt(calm ? 1000 : 40) + 1L);
        for (UpgradeId id : List.copyOf(upgrades.keySet())) {
            Upgrade upgrade = upgrades.get(id);
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
            default -> throw new AssertionError(asked);
        };
        given.add(answer);
        givenTo.put(answer, id);
        tell(id, answer);
    }

    private News.Answer answer(StepRequested step) {
        World world = worlds.get(step.tenant());
        News.Asked asked = new News.Asked(step.step(), step.attempt(), step.token());
        int luck = calm ? 0 : random.nextInt(20);
        if (luck < 14) {
            world.act(step);
            return new News.Done(asked, world.found(step), "done");
        }
        if (luck < 15) {
            // It is done, but does not say what was found.
            world.act(step);
            return new News.Done(asked, Map.of(), "done");
        }
        if (luck < 19) {
            world.fail(step, random);
            return new News.NotDone(asked, "planted", "it failed", "look", random.nextBoolean());
        }
        if (random.nextBoolean()) {
            world.act(step);
        }
        return new News.Unclear(asked, "the executor died");
    }

    private Verdict verdict(UpgradeId id, BakeRequested bake) {
        Verdict.Finding finding = new Verdict.Finding("f", "good", "found");
        int luck = calm ? 0 : random.nextInt(10);
        if (luck < 6) {
            proofs.computeIfAbsent(id, i -> new HashSet<>()).add(bake.step().value());
            return new Verdict.Confirm(List.of(finding));
        }
        return luck < 8
                ? new Verdict.Rollback(List.of(finding), List.of())
                : new Verdict.Hold(List.of(finding), List.of());
    }

    private void repeatSome() {
        if (!given.isEmpty()) {
            News.Answer answer = given.get(random.nextInt(given.size()));
            UpgradeId id = givenTo.get(answer);
            State before = upgrades.get(id).state();
            tell(id, answer);
            check(before.equals(upgrades.get(id).state()), "a repeated answer moved " + id);
        }
    }

    private void strayAnswer() {
        List<UpgradeId> ids = List.copyOf(upgrades.keySet());
        UpgradeId id = ids.get(random.nextInt(ids.size()));
        State before = upgrades.get(id).state();
        News.Asked stale = upgrades.get(id)
                .step()
                .map(s -> new News.Asked(s.id(), 1 + random.nextInt(3), new Token(9999)))
                .orElse(new News.Asked(new StepId("none"), 1, new Token(1)));
        tell(id, new News.Done(stale, Map.of("backup.proven", "true"), "stray"));
        check(before.equals(upgrades.get(id).state()), "a stray answer moved " + id);
    }

    private void parkSome() {
        if (random.nextInt(5) == 0) {
            List<UpgradeId> ids = List.copyOf(upgrades.keySet());
            tell(ids.get(random.nextInt(ids.size())), new News.KeyWasParked("planner-results", "poison"));
        }
    }

    private void turnRollout() {
        for (RolloutId id : List.copyOf(rollouts.keySet())) {
            Rollout rollout = rollouts.get(id);
            switch (random.nextInt(12)) {
                case 0, 1 -> rollouts.put(id, rollout.pause("ops", now).next());
                case 2, 3, 4, 5 -> resume(id);
                case 6 -> {
                    rollouts.put(id, rollout.abort("ops", now).next());
                    upgrades.values().stream()
                            .filter(u -> u.subject().rollout().equals(id))
                            .map(u -> u.subject().upgrade())
                            .toList()
                            .forEach(u -> tell(u, new News.GivenUp("aborted")));
                }
                default -> {}
            }
        }
    }

    private void resume(RolloutId id) {
        Rollout rollout = rollouts.get(id);
        boolean wasStopped = rollout.phase() == Rollout.Phase.STOPPED;
        rollouts.put(id, rollout.resume("ops", now).next());
        if (wasStopped) {
            product.rings()
                    .forEach(r -> forgiven.get(id)
                            .put(r.name().value(), failures(id, r.name().value())));
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
        State.Held state = (State.Held) upgrades.get(id).state();
        Way way = state.ways().get(random.nextInt(state.ways().size()));
        World world = worlds.get(upgrades.get(id).subject().tenant());
        if (way == Way.DONE_BY_HAND) {
            doByHand(upgrades.get(id), world);
        }
        if (way == Way.ADOPT_AS_FOUND) {
            adopted.add(id);
        }
        open.remove(id);
        long before = upgrades.get(id).revision();
        List<Entry> log = tell(id, new News.Resolved(way, "ops", ""));
        check(upgrades.get(id).revision() > before, "a resolution did nothing");
        check(log.stream().noneMatch(e -> e.kind().equals("ignored")), way + " was offered and ignored");
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
            Upgrade upgrade = upgrades.get(id);
            Tenant tenant = tenants.get(upgrade.subject().tenant());
            Rollout rollout = rollouts.get(upgrade.subject().rollout());
            Planning.Planned planned = plans.computeIfAbsent(
                    tenant.version() + " " + rollout.version(),
                    way -> Planning.plan(product, tenant, releases, rollout.version()));
            StartFacts facts = paperwork.facts(
                    tenant,
                    said(tenant),
                    product,
                    releases,
                    planned,
                    rollout,
                    new Surroundings(active(tenant.id()), Optional.empty(), List.of(), List.of(), Map.of(), Map.of()),
                    now);
            List<Blocker> blockers = StartRules.blockers(startRules, facts, now);
            if (blockers.isEmpty() && planned instanceof Planning.Planned.Way way) {
                checkStart(tenant, rollout);
                worlds.get(tenant.id()).newHop();
                Subject subject = new Subject(
                        tenant.id(),
                        tenant.account(),
                        product.name(),
                        tenant.version(),
                        rollout.version(),
                        id,
                        rollout.id());
                upgrades.put(
                        id,
                        new Upgrade(
                                subject,
                                Optional.empty(),
                                upgrade.state(),
                                Map.of(),
                                tokens.get(tenant.id()),
                                upgrade.revision()));
                tell(id, new News.MayBegin(way.plan()));
            }
        }
    }

    private Optional<UpgradeId> active(TenantId tenant) {
        return upgrades.values().stream()
                .filter(u ->
                        u.subject().tenant().equals(tenant) && u.state().phase().isActive())
                .map(u -> u.subject().upgrade())
                .findFirst();
    }

    private void checkStart(Tenant tenant, Rollout rollout) {
        RolloutId id = rollout.id();
        String ring = tenant.ring().value();
        Product.Ring rule = product.rings().stream()
                .filter(r -> r.name().equals(tenant.ring()))
                .findFirst()
                .orElseThrow();
        check(active(tenant.id()).isEmpty(), "I3: " + tenant.id() + " gets a second active upgrade");
        check(rollout.phase() == Rollout.Phase.RUNNING, "a start although the rollout is " + rollout.phase());
        check(
                failures(id, ring) - forgiven.get(id).getOrDefault(ring, 0) <= rule.failureBudget(),
                "I8: a start although the failure budget of " + ring + " is spent");
        check(moving(id, ring) < rule.concurrency(), "a start beyond the concurrency of " + ring);
        for (Product.Ring earlier : product.rings()) {
            if (earlier.name().equals(tenant.ring())) {
                break;
            }
            check(
                    upgrades.values().stream()
                            .filter(u -> u.subject().rollout().equals(id)
                                    && tenants.get(u.subject().tenant()).ring().equals(earlier.name()))
                            .allMatch(u -> u.state().phase().isEnded()),
                    "a start in " + ring + " although ring " + earlier.name() + " has not ended");
        }
        check(
                tenant.freezes().stream().noneMatch(f -> !now.isBefore(f.from()) && now.isBefore(f.to())),
                "I4: a start inside a freeze");
        check(
                tenant.windows().isEmpty() || !now.isBefore(Samples.START.plusSeconds(240)),
                "I4: a start outside the window");
        Product.Meaning meaning = product.meaning(Bump.MINOR);
        check(!now.isBefore(Samples.START.plus(meaning.notice())), "I4: a start before the notice has run");
        check(!meaning.consent() || !said(tenant).consents().isEmpty(), "I4: a start without consent");
        paperwork.wrong(tenant, now).ifPresent(wrong -> check(false, "I4: " + wrong));
    }

    private int failures(RolloutId rollout, String ring) {
        return (int) inRing(rollout, ring).stream()
                .filter(p -> p == State.Phase.ROLLED_BACK || p == State.Phase.HELD)
                .count();
    }

    private int moving(RolloutId rollout, String ring) {
        return (int) inRing(rollout, ring).stream()
                .filter(p -> p.isActive() && p != State.Phase.HELD)
                .count();
    }

    private List<State.Phase> inRing(RolloutId rollout, String ring) {
        return upgrades.values().stream()
                .filter(u -> u.subject().rollout().equals(rollout)
                        && tenants.get(u.subject().tenant()).ring().value().equals(ring))
                .map(u -> u.state().phase())
                .toList();
    }

    // ---- telling and looking

    private List<Entry> tell(UpgradeId id, News news) {
        Upgrade before = upgrades.get(id);
        Decision decision = Course.decide(before, news, now, changeRules);
        check(
                random.nextInt(8) > 0 || decision.equals(Course.decide(before, news, now, changeRules)),
                "the same news decided differently");
        Upgrade after = decision.next();
        Instant at = now;
        story.add(() -> at + " " + id + " " + news.getClass().getSimpleName() + " → "
                + after.state().phase() + " "
                + decision.log().stream()
                        .map(e -> e.kind() + "(" + e.text() + ")")
                        .collect(Collectors.joining(", ")));
        upgrades.put(id, after);
        tokens.merge(after.subject().tenant(), after.token(), Math::max);
        int requests = 0;
        for (Envelope said : decision.says()) {
            check(eventIds.add(said.id().value()), "the id " + said.id() + " was used twice");
            if (said.event() instanceof StepRequested step) {
                requests++;
                open.put(id, step);
                World world = worlds.get(step.tenant());
                world.look(step, after.plan().orElseThrow());
                check(world.wrongs.isEmpty(), String.valueOf(world.wrongs));
            } else if (said.event() instanceof BakeRequested bake) {
                requests++;
                open.put(id, bake);
                World world = worlds.get(bake.tenant());
                check(bake.token().value() > world.highestToken, "token " + bake.token() + " was given twice");
                world.highestToken = bake.token().value();
            }
        }
        check(requests <= 1, "two steps in flight at once");
        if (after.state() instanceof State.Ended && !(before.state() instanceof State.Ended)) {
            ended(after);
        }
        State.Phase from = before.state().phase();
        State.Phase to = after.state().phase();
        if (from != to) {
            Rollout.Move move =
                    new Rollout.Move(tenants.get(after.subject().tenant()).ring(), from, to);
            rollouts.computeIfPresent(
                    after.subject().rollout(),
                    (r, rollout) -> rollout.moved(List.of(move), now).next());
        }
        return decision.log();
    }

    private void ended(Upgrade upgrade) {
        World world = worlds.get(upgrade.subject().tenant());
        if (upgrade.state() instanceof State.Aborted) {
            return;
        }
        UpgradeId id = upgrade.subject().upgrade();
        check(!world.parked, "I7: " + id + " ended " + upgrade.state().phase() + " with its traffic parked");
        check(!world.capturing, id + " ended " + upgrade.state().phase() + " with its capture open");
        if (upgrade.state() instanceof State.Confirmed) {
            check(world.running.equals(upgrade.subject().to()), "confirmed, but " + world.running + " runs");
            Plan plan = upgrade.plan().orElseThrow();
            check(
                    adopted.contains(id)
                            || plan.forward().stream()
                                    .filter(s -> s.action() instanceof Action.Prove)
                                    .allMatch(s ->
                                            proofs.getOrDefault(id, Set.of()).contains(s.id().value())),
                    "I11: confirmed without a verdict on each proof");
            Tenant tenant = tenants.get(upgrade.subject().tenant());
            tenants.put(tenant.id(), tenant.on(upgrade.subject().to()));
        } else {
            check(world.running.equals(upgrade.subject().from()), "rolled back, but " + world.running + " runs");
        }
        check(world.up, id + " ended with the service down");
    }

    private void inspect() {
        for (Map.Entry<RolloutId, Rollout> entry : rollouts.entrySet()) {
            for (RingProgress ring : entry.getValue().rings()) {
                List<State.Phase> phases =
                        inRing(entry.getKey(), ring.ring().name().value());
                check(
                        ring.failures()
                                == phases.stream()
                                        .filter(p -> p == State.Phase.ROLLED_BACK || p == State.Phase.HELD)
                                        .count(),
                        "ring " + ring.ring().name() + " counts its failures wrongly");
                check(
                        ring.active()
                                == phases.stream()
                                        .filter(p -> p.isActive() && p != State.Phase.HELD)
                                        .count(),
                        "ring " + ring.ring().name() + " counts what is under way wrongly");
            }
        }
        upgrades.forEach((id, upgrade) -> check(
                !(upgrade.state() instanceof State.Moving m)
                        || m.attempt() instanceof Try.Backoff
                        || open.containsKey(id),
                "I6: " + id + " waits for nothing"));
    }

    /** From here on everybody does well: what began must end, and holds must have ways out that work. */
    private void calmDown() {
        for (int i = 0; i < 3000; i++) {
            rollouts.keySet().forEach(this::resume);
            if (upgrades.values().stream().noneMatch(u -> u.state().phase().isActive())) {
                return;
            }
            event();
            inspect();
        }
        throw new Wrong("I6: not everything ended: "
                + upgrades.values().stream()
                        .filter(u -> u.state().phase().isActive())
                        .map(u -> u.subject().upgrade() + " " + u.state())
                        .toList());
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new Wrong(otherwise);
        }
    }

    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }
}
