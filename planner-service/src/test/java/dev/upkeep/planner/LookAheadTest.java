package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said beforehand: it must be what is done afterwards, and must change nothing. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class LookAheadTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String AT_ONCE = "minor: {schema-change: true, consent: false, notice: PT0S}";

    @TestHTTPResource
    URL url;

    @Part
    KafkaPart kafka;

    private Planner olga;

    @BeforeEach
    void connect() {
        olga = new Planner(url.toString(), Tokens.staff("olga", "operator"));
    }

    @Test
    void showsThePlanThatIsThenCarriedOut() {
        olga.registerSample("seer", true, Map.of("seer-one", "staging"));

        JsonNode shown = olga.get("/v1/tenants/seer-one/plan").body();

        assertThat(shown.get("to").asText()).isEqualTo("1.1.0");
        assertThat(shown.get("hops")).hasSize(1);
        assertThat(shown.get("noWay")).isEmpty();
        assertThat(shown.get("blockers")).isEmpty();
        assertThat(olga.get("/v1/tenants/seer-one/upgrade").status()).isEqualTo(404);
        JsonNode plan = shown.at("/hops/0/plan");
        assertThat(plan.at("/undo").properties())
                .extracting(Map.Entry::getKey)
                .contains("unchanged", "reversible", "irreversible");
        assertThat(shown.at("/hops/0/estimates")).hasSameSizeAs(plan.get("forward"));

        try (Others others = others("seer")) {
            olga.startRollout("seer", "1.1.0");
            await().atMost(SOON).until(() -> state("seer-one"), "confirmed"::equals);

            assertThat(olga.get("/v1/tenants/seer-one/upgrade").body().at("/plan/forward"))
                    .isEqualTo(plan.get("forward"));
            assertThat(olga.get("/v1/tenants/seer-one/upgrade").body().at("/plan/undo"))
                    .isEqualTo(plan.get("undo"));
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void showsEveryHopOfALongWayAndTheSameAsARunbook() {
        olga.ok(olga.put("/v1/products/strider", Planner.everyMinor("strider")));
        for (String version : List.of("1.0.0", "1.1.0", "1.2.0")) {
            olga.ok(olga.put(
                    "/v1/products/strider/releases/" + version,
                    Planner.release("strider", version, true, version.substring(2, 3))));
        }
        olga.ok(olga.put("/v1/tenants/strider-one", Planner.tenant("strider-one", "strider", "staging")));

        JsonNode shown = olga.get("/v1/tenants/strider-one/plan").body();
        String page = olga.text("/v1/tenants/strider-one/runbook");

        assertThat(shown.get("hops")).extracting(hop -> hop.get("to").asText()).containsExactly("1.1.0", "1.2.0");
        assertThat(page).contains("# Runbook: strider-one, 1.0.0 → 1.2.0", "Hop 2 of 2: 1.1.0 → 1.2.0");
    }

    @Test
    void saysWhyThereIsNoWay() {
        olga.registerSample("dead-end", true, Map.of("dead-end-one", "staging"));

        JsonNode shown = olga.get("/v1/tenants/dead-end-one/plan?to=3.0.0").body();

        assertThat(shown.get("hops")).isEmpty();
        assertThat(shown.at("/noWay/0").asText()).contains("3.0.0").contains("not published");
        assertThat(olga.get("/v1/tenants/dead-end-one/plan?to=three").status()).isEqualTo(400);
        assertThat(olga.get("/v1/tenants/nobody/plan").status()).isEqualTo(404);
    }

    @Test
    void foretellsWhenEachRingIsDoneAndWhoIsBlocked() {
        olga.ok(olga.put(
                "/v1/products/oracle",
                Planner.descriptor("oracle")
                        .replace(
                                AT_ONCE,
                                "minor: {schema-change: true, consent: false, notice: P2D, notice-by: [mail]}")));
        olga.ok(olga.put("/v1/products/oracle/releases/1.0.0", Planner.release("oracle", "1.0.0", true, "1")));
        olga.ok(olga.put("/v1/products/oracle/releases/1.1.0", Planner.release("oracle", "1.1.0", true, "2")));
        olga.ok(olga.put("/v1/tenants/oracle-stage", Planner.tenant("oracle-stage", "oracle", "staging")));
        Instant thaws = Instant.now().plus(20, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
        olga.ok(olga.put(
                "/v1/tenants/oracle-cold",
                Planner.tenant("oracle-cold", "oracle", "canary") + "freezes: [{from: \"2026-01-01T00:00:00Z\", to: \""
                        + thaws + "\", reason: audit}]\n"));
        olga.ok(olga.put(
                "/v1/tenants/oracle-lost",
                Planner.tenant("oracle-lost", "oracle", "general").replace("version: 1.0.0", "version: 0.9.0")));
        // More than a page of them: nobody may be forgotten or counted twice.
        for (int i = 0; i < 230; i++) {
            String name = "oracle-%03d".formatted(i);
            olga.ok(olga.put("/v1/tenants/" + name, Planner.tenant(name, "oracle", "general")));
        }

        JsonNode waits = olga.get("/v1/products/oracle/forecast").body();
        JsonNode leaves = olga.get("/v1/products/oracle/forecast?version=1.1.0&leave-out=true")
                .body();

        assertThat(waits.get("version").asText()).isEqualTo("1.1.0");
        JsonNode staging = waits.at("/rings/0");
        assertThat(Instant.parse(staging.get("finishes").asText()))
                .isAfter(Instant.parse(waits.get("from").asText()).plus(2, ChronoUnit.DAYS));
        JsonNode canary = waits.at("/rings/1");
        assertThat(Instant.parse(canary.get("finishes").asText())).isAfter(thaws);
        JsonNode general = waits.at("/rings/2");
        assertThat(general.get("tenants").asInt()).isEqualTo(231);
        assertThat(general.get("blocked").asInt()).isEqualTo(1);
        assertThat(general.has("finishes")).isFalse();
        assertThat(waits.at("/blocked/0/rule").asText()).isEqualTo("pathExists");
        assertThat(waits.at("/blocked/0/examples/0/tenant").asText()).isEqualTo("oracle-lost");
        assertThat(Instant.parse(leaves.at("/rings/2/half").asText())).isAfter(thaws);
        assertThat(olga.get("/v1/products/oracle/forecast?version=9.9.9").status())
                .isEqualTo(422);
        assertThat(olga.get("/v1/products/oracle/forecast?version=nine")
                        .body()
                        .at("/errors/0/pointer")
                        .asText())
                .isEqualTo("/version");
    }

    @Test
    void foretellsOnlyWhatHasNotBegunOfARolloutThatIsUnderWay() {
        olga.registerSample("sibyl", true, Map.of("sibyl-one", "staging", "sibyl-two", "canary"));
        // Nobody answers: the first one is under way for good.
        olga.startRollout("sibyl", "1.1.0");
        await().atMost(SOON).until(() -> state("sibyl-one"), "running"::equals);

        JsonNode rings = olga.get("/v1/products/sibyl/forecast").body().get("rings");

        assertThat(rings.at("/0/tenants").asInt()).as(rings.toString()).isZero();
        assertThat(rings.at("/1/tenants").asInt()).isEqualTo(1);
        assertThat(rings.at("/1/done").asInt()).as(rings.toString()).isEqualTo(1);
    }

    @Test
    void keepsACalendarOfWindowsFreezesUpgradesAndExpectedReleases() {
        olga.ok(olga.put(
                "/v1/products/almanac",
                Planner.descriptor("almanac")
                        + "cadence: {patch: P1W, minor: P1M}\nsupport: {previous-minor: P30D}\n"));
        olga.ok(olga.put("/v1/products/almanac/releases/1.0.0", Planner.release("almanac", "1.0.0", true, "1")));
        olga.ok(olga.put("/v1/products/almanac/releases/1.1.0", Planner.release("almanac", "1.1.0", true, "2")));
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        olga.ok(olga.put(
                "/v1/tenants/almanac-one",
                Planner.tenant("almanac-one", "almanac", "staging") + """
                windows: [{rrule: FREQ=WEEKLY, from: "%sT03:00", length: PT2H, zone: UTC}]
                """.formatted(today.plusDays(1))));
        olga.ok(olga.post(
                "/v1/freezes",
                "{\"product\": \"almanac\", \"from\": \"%sT00:00:00Z\", \"to\": \"%sT00:00:00Z\", \"reason\": \"fair\"}"
                        .formatted(today.plusDays(10), today.plusDays(12))));
        olga.startRollout("almanac", "1.1.0");
        Planner carla = new Planner(url.toString(), Tokens.customer("carla", "almanac-one-inc"));

        JsonNode items =
                carla.get("/v1/tenants/almanac-one/calendar?ahead=P35D").body().get("items");
        String ics = carla.text("/v1/tenants/almanac-one/calendar.ics?ahead=P35D");
        JsonNode ofProduct = olga.get("/v1/products/almanac/calendar").body().get("items");

        assertThat(lines(items))
                .contains(
                        today.plusDays(1) + "T03:00:00Z window",
                        today.plusDays(8) + "T03:00:00Z window",
                        today.plusDays(1) + "T03:00:00Z upgrade",
                        today.plusDays(10) + "T00:00:00Z freeze",
                        today.plusDays(7) + " release-expected",
                        today.plusMonths(1) + " release-expected");
        assertThat(ics).startsWith("BEGIN:VCALENDAR\r\n").endsWith("END:VCALENDAR\r\n");
        assertThat(ics.split("BEGIN:VEVENT", -1)).hasSize(items.size() + 1);
        assertThat(lines(ofProduct))
                .contains(today.plusDays(7) + " release-expected", today.plusDays(30) + " support-ends")
                .doesNotContain(today.plusDays(1) + "T03:00:00Z window");
        assertThat(carla.get("/v1/tenants/almanac-one/calendar?ahead=soon").status())
                .isEqualTo(400);
    }

    @Test
    void showsWhatDriftedAndAdoptsItOnlyWhenTold() {
        olga.registerSample("drifter", true, Map.of("drifter-one", "staging", "drifter-two", "staging"));

        olga.ok(olga.post("/v1/tenants/drifter-one/found", "{\"version\": \"1.1.0\"}"));
        olga.ok(olga.post("/v1/tenants/drifter-one/found", "{\"version\": \"1.1.0\"}"));
        olga.ok(olga.post("/v1/tenants/drifter-two/found", "{\"version\": \"1.0.0\"}"));

        JsonNode drift = olga.get("/v1/drift?product=drifter").body().get("items");
        assertThat(drift).hasSize(1);
        assertThat(drift.at("/0/tenant").asText()).isEqualTo("drifter-one");
        assertThat(drift.at("/0/recorded").asText()).isEqualTo("1.0.0");
        assertThat(drift.at("/0/found").asText()).isEqualTo("1.1.0");
        assertThat(drift.at("/0/by").asText()).isEqualTo("olga");
        assertThat(olga.get("/v1/tenants/drifter-one").body().get("version").asText())
                .isEqualTo("1.0.0");

        olga.ok(olga.post("/v1/tenants/drifter-one/adoption", "{}"));
        olga.ok(olga.post("/v1/tenants/drifter-one/adoption", "{}"));

        assertThat(olga.get("/v1/drift?product=drifter").body().get("items")).isEmpty();
        assertThat(olga.get("/v1/tenants/drifter-one").body().get("version").asText())
                .isEqualTo("1.1.0");
        assertThat(olga.get("/v1/tenants/drifter-one/audit")
                        .body()
                        .get("intact")
                        .asBoolean())
                .isTrue();
        assertThat(olga.get("/v1/audit/links?chain=tenant:drifter-one").body().toString())
                .containsOnlyOnce("version-drifted")
                .containsOnlyOnce("version-adopted")
                .contains("1.1.0 was found where 1.0.0 was recorded");
    }

    @Test
    void forgetsWhatWasFoundBeforeAnUpgrade() {
        olga.registerSample("bygone", true, Map.of("bygone-one", "staging"));
        olga.ok(olga.post("/v1/tenants/bygone-one/found", "{\"version\": \"1.0.0\"}"));
        try (Others others = others("bygone")) {
            olga.startRollout("bygone", "1.1.0");
            await().atMost(SOON).until(() -> state("bygone-one"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
        }

        assertThat(olga.get("/v1/drift?product=bygone").body().get("items")).isEmpty();
        assertThat(olga.post("/v1/tenants/bygone-one/adoption", "{}").status()).isEqualTo(409);
        assertThat(olga.get("/v1/tenants/bygone-one").body().get("version").asText())
                .isEqualTo("1.1.0");
    }

    @Test
    void adoptsNothingThatIsUnknownOrUnderWay() {
        olga.registerSample("adrift", true, Map.of("adrift-one", "staging"));
        assertThat(olga.post("/v1/tenants/adrift-one/adoption", "{}").status()).isEqualTo(409);
        olga.ok(olga.post("/v1/tenants/adrift-one/found", "{\"version\": \"7.0.0\"}"));

        assertThat(olga.post("/v1/tenants/adrift-one/adoption", "{}")
                        .body()
                        .at("/errors/0/fix")
                        .asText())
                .isEqualTo("publish it first");
        assertThat(olga.post("/v1/tenants/adrift-one/found", "{\"version\": \"latest\"}")
                        .status())
                .isEqualTo(422);

        olga.ok(olga.post("/v1/tenants/adrift-one/found", "{\"version\": \"1.1.0\"}"));
        // Nobody answers: the upgrade begins and stays under way.
        olga.startRollout("adrift", "1.1.0");
        await().atMost(SOON).until(() -> state("adrift-one"), "running"::equals);
        assertThat(olga.post("/v1/tenants/adrift-one/adoption", "{}").status()).isEqualTo(409);
        assertThat(olga.get("/v1/tenants/adrift-one").body().get("version").asText())
                .isEqualTo("1.0.0");
    }

    private static List<String> lines(JsonNode items) {
        List<String> lines = new ArrayList<>();
        items.forEach(item ->
                lines.add(item.get("at").asText() + " " + item.get("kind").asText()));
        return lines;
    }

    private Others others(String prefix) {
        return new Others(kafka.bootstrapServers(), prefix, Others::done, bake -> Others.judged(bake, Others.good()));
    }

    private String state(String tenant) {
        return olga.get("/v1/tenants/" + tenant + "/upgrade")
                .body()
                .path("state")
                .asText();
    }
}
