package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.RecallFinished;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Upgrades that do not just go from one version to the next: over several hops, ended on the way, taken back. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class JourneyTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TestHTTPResource
    URL url;

    @Part
    KafkaPart kafka;

    private Planner planner;

    @BeforeEach
    void connect() {
        planner = new Planner(url.toString());
    }

    @Test
    void goesOverTwoHopsEachWithABackupAProofAndAnUndoOfItsOwn() {
        registerThree("hops", true, "hops-staging");
        try (Others others = others("hops", Others::done, b -> Others.judged(b, Others.good()))) {
            planner.startRollout("hops", "1.2.0");

            await().atMost(SOON)
                    .until(() -> upgrade("hops-staging").get("state").asText(), "confirmed"::equals);

            JsonNode upgrade = upgrade("hops-staging");
            assertThat(upgrade.get("from").asText()).isEqualTo("1.0.0");
            assertThat(upgrade.get("installed").asText()).isEqualTo("1.2.0");
            assertThat(upgrade.get("hop").asInt()).isEqualTo(2);
            assertThat(upgrade.at("/plan/from").asText()).isEqualTo("1.1.0");
            assertThat(version("hops-staging")).isEqualTo("1.2.0");
            assertThat(actions(others, "backup-database")).hasSize(2);
            assertThat(others.steps.stream().map(s -> s.step().value())).doesNotHaveDuplicates();
            assertThat(others.steps.stream().map(s -> s.token().value()).toList())
                    .isSorted();
            StepRequested second = actions(others, "check-schema").getLast();
            assertThat(second.step().value()).startsWith("hop2-");
            assertThat(second.facts()).as("nothing of the first hop").isEmpty();
            assertThat(second.from()).hasToString("1.1.0");
            assertThat(others.lifecycle)
                    .filteredOn(HopConfirmed.class::isInstance)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            HopConfirmed.class, e -> assertThat(e.reached()).hasToString("1.1.0"));
        }
    }

    @Test
    void waitsBetweenTwoHopsForTheEndOfAFreezeAndSaysSo() {
        registerThree("rest", true, "rest-staging");
        AtomicBoolean frozen = new AtomicBoolean();
        String plain = Planner.tenant("rest-staging", "rest", "staging");
        try (Others others = others(
                "rest",
                s -> {
                    if (s.action() instanceof Action.Migrate && frozen.compareAndSet(false, true)) {
                        planner.ok(planner.put("/v1/tenants/rest-staging", plain + """
                                freezes: [{from: "2020-01-01T00:00:00Z", to: "2120-01-01T00:00:00Z", reason: the audit}]
                                """));
                    }
                    return Others.done(s);
                },
                b -> Others.judged(b, Others.good()))) {
            String rollout = planner.startRollout("rest", "1.2.0");

            await().atMost(SOON)
                    .until(() -> upgrade("rest-staging").get("state").asText(), "between-hops"::equals);

            assertThat(version("rest-staging")).isEqualTo("1.1.0");
            assertThat(upgrade("rest-staging").at("/ahead/0").asText()).isEqualTo("1.2.0");
            assertThat(ring(rollout, "active")).as("it keeps its place").isEqualTo(1);
            assertThat(why("rest-staging")).containsExactly("noFreeze");

            planner.ok(planner.put("/v1/tenants/rest-staging", plain));

            await().atMost(SOON)
                    .until(() -> upgrade("rest-staging").get("state").asText(), "confirmed"::equals);
            assertThat(actions(others, "migrate")).hasSize(2);
        }
    }

    @Test
    void goesBackToWhereTheSecondHopBeganAndSaysWhatRuns() {
        registerThree("second", true, "second-staging");
        try (Others others = others(
                "second",
                Others::done,
                b -> Others.judged(
                        b, b.step().value().matches("hop2-\\d+-verify-open.*") ? Others.bad() : Others.good()))) {
            planner.startRollout("second", "1.2.0");

            await().atMost(SOON)
                    .until(() -> upgrade("second-staging").get("state").asText(), "rolled-back"::equals);

            assertThat(version("second-staging")).isEqualTo("1.1.0");
            assertThat(upgrade("second-staging").get("installed").asText()).isEqualTo("1.1.0");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(others.lifecycle)
                            .filteredOn(UpgradeRolledBack.class::isInstance)
                            .singleElement()
                            .isInstanceOfSatisfying(
                                    UpgradeRolledBack.class,
                                    e -> assertThat(e.subject().from()).hasToString("1.1.0")));
        }
    }

    @Test
    void neverCutsAMigrationOffWhenItIsAbortedAndGoesBackOnceItHasEnded() {
        planner.registerSample("abort", true, Map.of("abort-staging", "staging"));
        List<StepRequested> running = new ArrayList<>();
        try (Others others = others(
                "abort",
                s -> {
                    if (s.action() instanceof Action.Migrate) {
                        running.add(s);
                        return Optional.empty();
                    }
                    return Others.done(s);
                },
                b -> Others.judged(b, Others.good()))) {
            planner.startRollout("abort", "1.1.0");
            await().atMost(SOON).until(() -> !running.isEmpty());
            String id = upgrade("abort-staging").get("id").asText();

            assertThat(planner.post("/v1/upgrades/" + id + "/abort", "{}").status())
                    .as("without a reason")
                    .isEqualTo(422);
            Planner.Answer answer =
                    planner.post("/v1/upgrades/" + id + "/abort", "{\"reason\": \"the wrong customer\"}");

            assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
            assertThat(answer.body().get("next").asText())
                    .startsWith("'migrate schema 1.1.0' is under way and runs to its end; then it goes back to 1.0.0");
            assertThat(answer.body().get("state").asText()).isEqualTo("running");
            assertThat(others.steps.getLast().step())
                    .isEqualTo(running.getFirst().step());

            others.say(Others.done(running.getFirst()).orElseThrow());

            await().atMost(SOON)
                    .until(() -> upgrade("abort-staging").get("state").asText(), "rolled-back"::equals);
            assertThat(actions(others, "revert-migrations")).hasSize(1);
            assertThat(upgrade("abort-staging").get("reason").asText())
                    .startsWith("aborted by ")
                    .endsWith(": the wrong customer");
            assertThat(kinds("abort-staging")).contains("abort-requested");
            Planner.Answer late = planner.post("/v1/upgrades/" + id + "/abort", "{\"reason\": \"again\"}");
            assertThat(late.status()).isEqualTo(409);
            assertThat(late.body().get("type").asText()).endsWith("has-ended");
        }
    }

    @Test
    void turnsBackWhatHasBegunWhenARolloutIsAbortedWithUndo() {
        planner.registerSample("turn", true, Map.of("turn-staging", "staging", "turn-canary", "canary"));
        List<StepRequested> running = new ArrayList<>();
        try (Others others = others(
                "turn",
                s -> {
                    if (s.action() instanceof Action.Stop && running.isEmpty()) {
                        running.add(s);
                        return Optional.empty();
                    }
                    return Others.done(s);
                },
                b -> Others.judged(b, Others.good()))) {
            String rollout = planner.startRollout("turn", "1.1.0");
            await().atMost(SOON).until(() -> !running.isEmpty());

            assertThat(planner.post("/v1/rollouts/" + rollout + "/abort", "{\"undo\": \"yes\"}")
                            .status())
                    .isEqualTo(422);
            planner.ok(planner.post("/v1/rollouts/" + rollout + "/abort", "{\"undo\": true}"));
            await().atMost(SOON).until(() -> upgrade("turn-staging").has("abort"));
            others.say(Others.done(running.getFirst()).orElseThrow());

            await().atMost(SOON)
                    .until(() -> upgrade("turn-staging").get("state").asText(), "rolled-back"::equals);
            assertThat(upgrade("turn-canary").get("state").asText()).isEqualTo("aborted");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(others.lifecycle)
                            .filteredOn(UpgradeAborted.class::isInstance)
                            .hasSize(1));
        }
    }

    @Test
    void takesARecalledReleaseBackFromThoseWhoRunItAndTurnsBackWhoIsOnTheWay() {
        planner.registerSample(
                "back", true, Map.of("back-staging", "staging", "back-canary", "canary", "back-general", "general"));
        List<StepRequested> running = new ArrayList<>();
        try (Others others = others(
                "back",
                s -> {
                    if (s.action() instanceof Action.Migrate
                            && s.tenant().value().endsWith("general")) {
                        running.add(s);
                        return Optional.empty();
                    }
                    return Others.done(s);
                },
                b -> Others.judged(b, Others.good()))) {
            String rollout = planner.startRollout("back", "1.1.0");
            await().atMost(SOON).until(() -> !running.isEmpty());
            int before = others.steps.size();

            Planner.Answer recalled = planner.post(
                    "/v1/products/back/releases/1.1.0/recall", "{\"reason\": \"it loses notes\", \"goBack\": true}");

            assertThat(recalled.status()).as(recalled.body().toString()).isEqualTo(200);
            assertThat(recalled.body().at("/stopped/0").asText()).isEqualTo(rollout);
            assertThat(recalled.body().at("/held")).isEmpty();
            assertThat(recalled.body().at("/rollout/kind").asText()).isEqualTo("recall");
            String back = recalled.body().at("/rollout/id").asText();
            others.say(Others.done(running.getFirst()).orElseThrow());

            await().atMost(SOON).until(() -> state("/v1/rollouts/" + back), "finished"::equals);
            await().atMost(SOON)
                    .until(() -> upgrade("back-general").get("state").asText(), "rolled-back"::equals);

            assertThat(List.of(version("back-staging"), version("back-canary"), version("back-general")))
                    .containsOnly("1.0.0");
            List<StepRequested> ways = others.steps.subList(before, others.steps.size()).stream()
                    .filter(s -> s.tenant().value().equals("back-staging"))
                    .toList();
            assertThat(ways.stream().map(s -> s.action().word()))
                    .containsExactly(
                            "check-capacity",
                            "check-schema",
                            "backup-database",
                            "prove-backup",
                            "park-traffic",
                            "drain",
                            "stop",
                            "revert-migrations",
                            "fetch-artifact",
                            "start",
                            "open-traffic",
                            "end-capture");
            assertThat(ways)
                    .filteredOn(s -> s.action() instanceof Action.Start)
                    .extracting(StepRequested::action)
                    .containsExactly(new Action.Start(Version.of("1.0.0"), Moment.AFTER));
            assertThat(ways)
                    .filteredOn(s -> s.action() instanceof Action.RevertMigrations)
                    .extracting(StepRequested::action)
                    .containsExactly(new Action.RevertMigrations(List.of("2")));
            await().atMost(SOON)
                    .until(() -> others.lifecycle.stream()
                            .anyMatch(e -> e instanceof RecallFinished f
                                    && f.rollout().value().equals(back)
                                    && f.back() == 2));
            JsonNode listed = planner.get("/v1/products/back/releases").body().at("/items/1/recalled");
            assertThat(listed.get("reason").asText()).isEqualTo("it loses notes");
            Planner.Answer again = planner.post("/v1/rollouts", "{\"product\": \"back\", \"version\": \"1.1.0\"}");
            assertThat(again.status()).isEqualTo(409);
            assertThat(again.body().toString()).contains("was recalled by");
            assertThat(planner.get("/v1/tenants/back-staging/audit")
                            .body()
                            .get("intact")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void takesBackATenantWhosePartStandsElsewhereByWhatRunsThereWhenItBegins() {
        planner.ok(planner.put(
                "/v1/products/paired", Planner.descriptor("paired") + "skew: [{between: [app, gate], minors: 1}]\n"));
        planner.ok(planner.put("/v1/products/paired/releases/1.0.0", Planner.release("paired", "1.0.0", true, "1")));
        planner.ok(planner.put("/v1/products/paired/releases/1.1.0", Planner.release("paired", "1.1.0", true, "2")));
        planner.ok(planner.put("/v1/tenants/paired-door", Planner.tenant("paired-door", "paired", "staging")));
        planner.ok(planner.put(
                "/v1/tenants/paired-house",
                Planner.tenant("paired-house", "paired", "staging") + "peers: {gate: paired-door}\n"));
        try (Others others = others("paired", Others::done, b -> Others.judged(b, Others.good()))) {
            planner.startRollout("paired", "1.1.0");
            await().atMost(SOON)
                    .until(() -> version("paired-door") + " " + version("paired-house"), "1.1.0 1.1.0"::equals);

            Planner.Answer recalled = planner.post(
                    "/v1/products/paired/releases/1.1.0/recall", "{\"reason\": \"it loses notes\", \"goBack\": true}");

            assertThat(recalled.body().at("/held")).isEmpty();
            await().atMost(SOON)
                    .until(() -> version("paired-door") + " " + version("paired-house"), "1.0.0 1.0.0"::equals);
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void keepsWhatATenantRunsWhateverIsHeardLateAboutAnEarlierUpgrade() {
        planner.registerSample("late", true, Map.of("late-staging", "staging"));
        try (Others others = others("late", Others::done, b -> Others.judged(b, Others.good()))) {
            planner.startRollout("late", "1.1.0");
            await().atMost(SOON)
                    .until(() -> upgrade("late-staging").get("state").asText(), "confirmed"::equals);
            StepRequested early = others.steps.getFirst();
            planner.ok(planner.post(
                    "/v1/products/late/releases/1.1.0/recall", "{\"reason\": \"it loses notes\", \"goBack\": true}"));
            await().atMost(SOON).until(() -> version("late-staging"), "1.0.0"::equals);

            others.say(Others.failed(early, false).orElseThrow());

            await().atMost(SOON)
                    .until(() -> planner.get("/v1/upgrades/" + early.upgrade())
                            .body()
                            .get("timeline")
                            .toString()
                            .contains("\"ignored\""));
            assertThat(version("late-staging")).isEqualTo("1.0.0");
        }
    }

    @Test
    void holdsForAPersonWhoRunsARecalledReleaseThatCantBeLeftInPlace() {
        planner.registerSample("stuck", false, Map.of("stuck-staging", "staging"));
        try (Others others = others("stuck", Others::done, b -> Others.judged(b, Others.good()))) {
            planner.startRollout("stuck", "1.1.0");
            await().atMost(SOON)
                    .until(() -> upgrade("stuck-staging").get("state").asText(), "confirmed"::equals);
            int before = others.steps.size();

            JsonNode recalled = planner.post(
                            "/v1/products/stuck/releases/1.1.0/recall",
                            "{\"reason\": \"it loses notes\", \"goBack\": true}")
                    .body();

            assertThat(recalled.at("/held/stuck-staging/0").asText())
                    .contains("migrations [2] can't be reverted without losing data")
                    .contains("it no longer holds what was written since");
            JsonNode upgrade = upgrade("stuck-staging");
            assertThat(upgrade.get("state").asText()).isEqualTo("barred");
            assertThat(upgrade.get("waysOut").toString()).contains("retry: ").contains("adopt-as-found: ");
            assertThat(why("stuck-staging")).contains("isHeld", "pathExists");
            assertThat(version("stuck-staging")).isEqualTo("1.1.0");
            assertThat(others.steps).hasSize(before);
            JsonNode again = planner.post(
                            "/v1/products/stuck/releases/1.1.0/recall", "{\"reason\": \"again\", \"goBack\": true}")
                    .body();
            assertThat(again.get("reason").asText()).as("who was first").isEqualTo("it loses notes");
            assertThat(again.has("rollout")).as("it is on its way already").isFalse();
        }
    }

    @Test
    void takesOneDecisionOfThoseWhoDecideAboutTheSameHoldAtOnce() {
        planner.registerSample("twice", false, Map.of("twice-staging", "staging"));
        try (Others others = others("twice", Others::done, b -> Others.judged(b, Others.good()))) {
            planner.startRollout("twice", "1.1.0");
            await().atMost(SOON)
                    .until(() -> upgrade("twice-staging").get("state").asText(), "confirmed"::equals);
            planner.ok(planner.post(
                    "/v1/products/twice/releases/1.1.0/recall", "{\"reason\": \"it loses notes\", \"goBack\": true}"));
            String id = upgrade("twice-staging").get("id").asText();
            assertThat(others.steps).isNotEmpty();

            List<Planner.Answer> answers = Planner.atOnce(
                    6,
                    person -> planner.post(
                            "/v1/upgrades/" + id + "/resolution",
                            "{\"way\": \"adopt-as-found\", \"note\": \"by " + person + "\"}"));

            assertThat(answers.stream().map(Planner.Answer::status))
                    .containsExactlyInAnyOrder(200, 409, 409, 409, 409, 409);
        }
    }

    private void registerThree(String product, boolean reversible, String tenant) {
        planner.ok(planner.put("/v1/products/" + product, Planner.everyMinor(product)));
        int migration = 1;
        for (String version : List.of("1.0.0", "1.1.0", "1.2.0")) {
            planner.ok(planner.put(
                    "/v1/products/" + product + "/releases/" + version,
                    Planner.release(product, version, reversible, Integer.toString(migration++))));
        }
        planner.ok(planner.put("/v1/tenants/" + tenant, Planner.tenant(tenant, product, "staging")));
    }

    private Others others(
            String prefix,
            Function<StepRequested, Optional<Event>> executor,
            Function<BakeRequested, Optional<Event>> verifier) {
        return new Others(kafka.bootstrapServers(), prefix + "-", executor, verifier);
    }

    private JsonNode upgrade(String tenant) {
        return planner.get("/v1/tenants/" + tenant + "/upgrade").body();
    }

    private String version(String tenant) {
        return planner.get("/v1/tenants/" + tenant).body().get("version").asText();
    }

    private String state(String path) {
        return planner.get(path).body().path("state").asText();
    }

    private int ring(String rollout, String count) {
        int all = 0;
        for (JsonNode ring : planner.get("/v1/rollouts/" + rollout).body().get("rings")) {
            all += ring.get(count).asInt();
        }
        return all;
    }

    private List<String> why(String tenant) {
        List<String> rules = new ArrayList<>();
        planner.get("/v1/tenants/" + tenant + "/why")
                .body()
                .get("blockers")
                .forEach(b -> rules.add(b.get("rule").asText()));
        return rules;
    }

    private List<String> kinds(String tenant) {
        List<String> kinds = new ArrayList<>();
        upgrade(tenant).get("timeline").forEach(e -> kinds.add(e.get("kind").asText()));
        return kinds;
    }

    private static List<StepRequested> actions(Others others, String word) {
        return others.steps.stream().filter(s -> s.action().word().equals(word)).toList();
    }
}
