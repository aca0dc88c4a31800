package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.contract.step.Action;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole rollouts of the sample product; this test plays the executor and the verifier. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class RolloutTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TestHTTPResource
    URL url;

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    private Planner planner;

    @BeforeEach
    void connect() {
        planner = new Planner(url.toString());
    }

    @Test
    void takesTheSampleThroughThreeRingsToConfirmed() {
        planner.registerSample("good", true, fleet("good"));
        try (Others others = others("good", Others::done, b -> Others.judged(b, Others.good()))) {
            String rollout = planner.startRollout("good", "1.1.0");

            await().atMost(SOON).until(() -> state("/v1/rollouts/" + rollout), "finished"::equals);

            JsonNode shown = planner.get("/v1/rollouts/" + rollout).body();
            assertThat(states(shown)).containsExactly("confirmed");
            assertThat(planner.get("/v1/tenants/good-general-1")
                            .body()
                            .get("version")
                            .asText())
                    .isEqualTo("1.1.0");
            assertThat(firstTouchesByRing(others)).containsExactly("staging", "canary", "general");
            JsonNode upgrade = planner.get("/v1/tenants/good-staging/upgrade").body();
            assertThat(upgrade.at("/because/0/found").asText()).contains("0 of 100");
            assertThat(upgrade.at("/runs")).hasSize(15);
            assertThat(upgrade.at("/plan/undo/irreversible")).isNotEmpty();
            await().atMost(SOON)
                    .until(() -> others.lifecycle.stream()
                            .anyMatch(e -> e instanceof LifecycleEvent.RolloutFinished f
                                    && f.rollout().value().equals(rollout)
                                    && f.confirmed() == 5));
            assertThat(kinds(rollout)).contains("ring-opened", "upgrade-confirmed", "rollout-finished");
        }
    }

    @Test
    void takesABadReleaseBackByRestoringAndLeavesTheOtherRingsUntouched() {
        planner.registerSample("bad", false, fleet("bad"));
        try (Others others = others(
                "bad",
                Others::done,
                b -> Others.judged(b, b.step().value().contains("verify-open") ? Others.bad() : Others.good()))) {
            String rollout = planner.startRollout("bad", "1.1.0");

            await().atMost(SOON).until(() -> state("/v1/tenants/bad-staging/upgrade"), "rolled-back"::equals);

            assertThat(state("/v1/rollouts/" + rollout)).isEqualTo("stopped");
            JsonNode upgrade = planner.get("/v1/tenants/bad-staging/upgrade").body();
            assertThat(upgrade.at("/because/0/found").asText()).isEqualTo("20 of 100");
            assertThat(upgrade.at("/facts/gap.report").asText()).isEqualTo("/gap/1.jsonl");
            assertThat(planner.get("/v1/tenants/bad-staging")
                            .body()
                            .get("version")
                            .asText())
                    .isEqualTo("1.0.0");
            assertThat(others.steps.stream().map(s -> s.tenant().value())).containsOnly("bad-staging");
            assertThat(lastActions(others))
                    .as("the way back")
                    .containsExactly(
                            "drain",
                            "stop",
                            "backup-database",
                            "export-writes",
                            "restore-database",
                            "fetch-artifact",
                            "start",
                            "open-traffic",
                            "end-capture");
            assertThat(why("bad-canary")).contains("rolloutIsRunning", "ringIsOpen");
        }
    }

    @Test
    void triesAStepAgainThatMaySucceedLaterAndThenGoesOn() {
        planner.registerSample("again", true, Map.of("again-staging", "staging"));
        try (Others others = others(
                "again",
                s -> s.action() instanceof Action.Stop && s.attempt() < 3 ? Others.failed(s, true) : Others.done(s),
                b -> Others.judged(b, Others.good()))) {
            planner.startRollout("again", "1.1.0");

            await().atMost(SOON).until(() -> state("/v1/tenants/again-staging/upgrade"), "confirmed"::equals);

            List<Long> tokens =
                    others.steps.stream().map(s -> s.token().value()).toList();
            assertThat(tokens).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void holdsTheUpgradeBehindAPoisonRecordAndGoesOnOnceAPersonSaysSo() {
        planner.registerSample("poison", true, Map.of("poison-staging", "staging"));
        AtomicBoolean poisoned = new AtomicBoolean();
        List<Others> player = new ArrayList<>();
        try (Others others = others(
                "poison",
                s -> {
                    if (s.action() instanceof Action.Drain && poisoned.compareAndSet(false, true)) {
                        player.getFirst().poison(Topic.RESULTS, "poison-staging");
                        return Optional.empty();
                    }
                    return Others.done(s);
                },
                b -> Others.judged(b, Others.good()))) {
            player.add(others);
            planner.startRollout("poison", "1.1.0");

            await().atMost(SOON).until(() -> state("/v1/tenants/poison-staging/upgrade"), "held"::equals);
            JsonNode held = planner.get("/v1/tenants/poison-staging/upgrade").body();
            assertThat(held.get("reason").asText()).contains("can't process a record");
            assertThat(planner.get("/v1/parked-keys").body().at("/items").toString())
                    .contains("poison-staging");

            planner.ok(planner.post(
                    "/v1/upgrades/" + held.get("id").asText() + "/resolution",
                    "{\"way\":\"retry\",\"note\":\"looked at it\"}"));

            await().atMost(SOON).until(() -> state("/v1/tenants/poison-staging/upgrade"), "confirmed"::equals);
            assertThat(planner.get("/v1/parked-keys").body().at("/items")).isEmpty();
        }
    }

    @Test
    void startsNothingWhilePausedAndNeverWhatWasNotBegunWhenAborted() {
        planner.registerSample("paused", true, fleet("paused"));
        try (Others others = others("paused", s -> Optional.empty(), b -> Optional.empty())) {
            String rollout = planner.startRollout("paused", "1.1.0");
            planner.ok(planner.post("/v1/rollouts/" + rollout + "/pause", "{}"));
            assertThat(planner.post("/v1/rollouts/" + rollout + "/pause", "").status())
                    .isEqualTo(409);

            planner.ok(planner.post("/v1/rollouts/" + rollout + "/abort", ""));

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(states(
                                    planner.get("/v1/rollouts/" + rollout).body()))
                            .containsExactlyInAnyOrder("running", "aborted"));
            await().atMost(SOON).until(() -> others.steps.size(), n -> n == 1);
        }
    }

    @Test
    void writesDownAnUpgradeAndItsRolloutInChainsThatHold() {
        planner.registerSample("audit", true, Map.of("audit-staging", "staging"));
        String rollout;
        try (Others others = others("audit", Others::done, b -> Others.judged(b, Others.good()))) {
            rollout = planner.startRollout("audit", "1.1.0");
            await().atMost(SOON).until(() -> state("/v1/rollouts/" + rollout), "finished"::equals);
            assertThat(others.steps).isNotEmpty();
        }

        JsonNode whole = planner.get("/v1/tenants/audit-staging/audit").body();
        JsonNode links = planner.get("/v1/audit/links?limit=500&chain=rollout:" + rollout)
                .body();

        assertThat(whole.get("intact").asBoolean()).as(whole.toString()).isTrue();
        assertThat(whole.get("entries").asLong()).isGreaterThan(30);
        assertThat(links.get("items")).isNotEmpty();
    }

    @Test
    void startsOneRolloutForOneIdempotencyKey() {
        planner.registerSample("once", true, Map.of());
        String body = "{\"product\":\"once\",\"version\":\"1.1.0\"}";

        Planner.Answer first = planner.post("/v1/rollouts", body, "Idempotency-Key", "k-once");
        Planner.Answer second = planner.post("/v1/rollouts", body, "Idempotency-Key", "k-once");

        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
    }

    private Others others(
            String prefix,
            Function<StepRequested, Optional<Event>> executor,
            Function<BakeRequested, Optional<Event>> verifier) {
        return new Others(kafka.bootstrapServers(), prefix, executor, verifier);
    }

    private static Map<String, String> fleet(String name) {
        Map<String, String> fleet = new LinkedHashMap<>();
        fleet.put(name + "-staging", "staging");
        fleet.put(name + "-canary", "canary");
        for (int i = 1; i <= 3; i++) {
            fleet.put(name + "-general-" + i, "general");
        }
        return fleet;
    }

    private String state(String path) {
        return planner.get(path).body().path("state").asText();
    }

    private static Set<String> states(JsonNode rollout) {
        Set<String> states = new TreeSet<>();
        rollout.get("upgrades").forEach(u -> states.add(u.get("state").asText()));
        return states;
    }

    private List<String> why(String tenant) {
        List<String> rules = new ArrayList<>();
        planner.get("/v1/tenants/" + tenant + "/why")
                .body()
                .get("blockers")
                .forEach(b -> rules.add(b.get("rule").asText()));
        return rules;
    }

    private List<String> kinds(String rollout) {
        List<String> kinds = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = planner.get("/v1/rollouts/" + rollout + "/timeline?limit=50&after=" + after)
                    .body();
            if (page.get("entries").isEmpty()) {
                return kinds;
            }
            page.get("entries").forEach(e -> kinds.add(e.get("kind").asText()));
            after = page.get("next").asText();
        }
    }

    private static List<String> firstTouchesByRing(Others others) {
        return others.steps.stream()
                .map(s -> s.tenant().value().split("-")[1])
                .distinct()
                .toList();
    }

    private static List<String> lastActions(Others others) {
        List<String> words = others.steps.stream().map(s -> s.action().word()).toList();
        return words.subList(words.lastIndexOf("drain"), words.size());
    }
}
