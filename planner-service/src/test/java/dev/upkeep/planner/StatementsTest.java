package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.DeliveryEvent.NoticeDelivered;
import dev.upkeep.contract.event.DeliveryEvent.NoticeFailed;
import dev.upkeep.contract.event.LifecycleEvent.Schedule;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people say, from the request to the start that it keeps back or lets go. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class StatementsTest {
    /** All that was written down by any test, page by page. */
    private String timeline() {
        StringBuilder all = new StringBuilder();
        String after = "";
        JsonNode page;
        do {
            page = olga.get("/v1/timeline?limit=500" + after).body();
            all.append(page.get("entries"));
            after = "&after=" + page.path("next").asText();
        } while (page.get("entries").size() == 500);
        return all.toString();
    }

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String PATIENT =
            "minor: {schema-change: true, consent: false, notice: PT1S, notice-by: [mail], delay: P30D}";

    @TestHTTPResource
    URL url;

    @Part
    KafkaPart kafka;

    private Planner olga;
    private Planner ada;

    @BeforeEach
    void connect() {
        olga = new Planner(url.toString(), Tokens.staff("olga", "operator"));
        ada = new Planner(url.toString(), Tokens.staff("ada", "approver"));
    }

    @Test
    void announcesAnewWhatACustomerPostponesAndStartsItWhenTheNoticeOfTheEarlierDateHasRun() {
        register("tardy", PATIENT);
        Planner carla = customer("carla", "tardy-one");
        try (Others others = others("tardy")) {
            olga.startRollout("tardy", "1.1.0");
            await().atMost(SOON).until(() -> revisions(others), found -> found.equals(List.of(1)));
            assertThat(why("tardy-one")).containsExactly("noticeHasRun");

            Planner.Answer late = carla.post("/v1/account/upgrade-delay", "{\"until\": \"" + inDays(40) + "\"}");
            assertThat(late.status()).isEqualTo(422);
            assertThat(late.body().at("/errors/0/fix").asText()).contains("the latest date possible is " + inDays(30));
            assertThat(carla.get("/v1/account/upgrade-delay")
                            .body()
                            .at("/items/0/latestPossible")
                            .asText())
                    .isEqualTo(inDays(30));

            Planner.Answer taken = carla.post("/v1/account/upgrade-delay", "{\"until\": \"" + inDays(10) + "\"}");
            assertThat(taken.status()).as(taken.body().toString()).isEqualTo(201);
            assertThat(taken.body().at("/items/0/until").asText()).isEqualTo(inDays(10));
            await().atMost(SOON).until(() -> revisions(others), found -> found.equals(List.of(1, 2)));
            assertThat(schedules(others).getLast().notBefore())
                    .isEqualTo(LocalDate.parse(inDays(10))
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant());

            // The notice of the first revision counts on: told of a later date, nobody has to be told longer ahead.
            String upgrade = upgrade("tardy-one");
            others.say(delivered("tardy-one", upgrade + ":planned"));
            await().atMost(SOON)
                    .until(() -> why("tardy-one"), rules -> rules.equals(List.of("noticeHasRun", "delayIsOver")));

            olga.ok(carla.delete("/v1/account/upgrade-delay"));
            await().atMost(SOON).until(() -> revisions(others), found -> found.equals(List.of(1, 2, 3)));
            assertThat(why("tardy-one")).as("an earlier date is told anew").containsExactly("noticeHasRun");
            assertThat(others.steps).isEmpty();
            others.say(delivered("tardy-one", upgrade + ":planned:3"));

            await().atMost(SOON).until(() -> state("tardy-one"), "confirmed"::equals);
        }
        JsonNode said = olga.get("/v1/tenants/tardy-one/statements").body().get("items");
        assertThat(said).hasSize(1);
        assertThat(said.at("/0/by").asText()).isEqualTo("carla");
        assertThat(said.at("/0/withdrawnBy").asText()).isEqualTo("carla");
        assertThat(timeline())
                .contains("carla postpones upgrades until")
                .contains("carla withdraws: carla postpones upgrades until")
                .contains("is announced anew, revision 3");
    }

    @Test
    void countsNoNoticeToAnybodyButTheCustomersContactAndStopsWhereThatOneCanNotBeReached() {
        register("mute", PATIENT);
        try (Others others = others("mute")) {
            olga.startRollout("mute", "1.1.0");
            String upgrade = upgrade("mute-one");
            others.say(new NoticeDelivered("mute-one", "n-1", new EventId(upgrade + ":planned"), "mail", "ops", 1));
            others.say(new NoticeFailed(
                    "mute-one",
                    "n-2",
                    new EventId(upgrade + ":planned"),
                    "mail",
                    "customer",
                    1,
                    "no such mailbox",
                    Optional.of(new AccountId("mute-one-inc"))));

            await().atMost(SOON).until(() -> why("mute-one"), rules -> rules.equals(List.of("contactIsReachable")));
            assertThat(ada.post("/v1/tenants/mute-one/waivers", "{\"rule\": \"insideWindow\", \"version\": \"1.1.0\"}")
                            .status())
                    .isEqualTo(422);
            ada.ok(ada.post(
                    "/v1/tenants/mute-one/waivers",
                    "{\"rule\": \"contactIsReachable\", \"version\": \"1.1.0\", \"note\": \"told by phone\"}"));

            await().atMost(SOON).until(() -> state("mute-one"), "confirmed"::equals);
        }
    }

    @Test
    void letsARingInOnlyByAnotherThanWhoStartedTheRollout() {
        String rings = "{name: staging, soak: PT0.3S, concurrency: 1, failure-budget: 0}";
        olga.ok(olga.put(
                "/v1/products/eyes",
                Planner.descriptor("eyes").replace(rings, rings.replace("}", ", approval: true}"))));
        releases("eyes");
        olga.ok(olga.put("/v1/tenants/eyes-one", Planner.tenant("eyes-one", "eyes", "staging")));
        Planner both = new Planner(url.toString(), Tokens.staff("Olga", "operator", "approver"));
        try (Others others = others("eyes")) {
            String rollout = olga.startRollout("eyes", "1.1.0");
            await().atMost(SOON).until(() -> why("eyes-one"), rules -> rules.equals(List.of("ringIsApproved")));
            String path = "/v1/rollouts/" + rollout + "/rings/staging/approval";

            assertThat(olga.post(path, "{}").status()).isEqualTo(403);
            Planner.Answer own = both.post(path, "{}");
            assertThat(own.status()).isEqualTo(409);
            assertThat(own.body().get("type").asText()).endsWith("own-request");
            assertThat(ada.post("/v1/rollouts/" + rollout + "/rings/nowhere/approval", "{}")
                            .status())
                    .isEqualTo(404);
            ada.ok(ada.post(path, "{\"note\": \"looked at the canaries\"}"));

            await().atMost(SOON).until(() -> state("eyes-one"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void goesAgainstADelayWithASecurityReleaseThatTwoOthersApproved() {
        olga.ok(olga.put(
                "/v1/products/urgent",
                Planner.descriptor("urgent")
                                .replace(
                                        "minor: {schema-change: true, consent: false, notice: PT0S}",
                                        "minor: {schema-change: true, consent: false, notice: P7D, delay: P30D}")
                        + "expedited: {bumps: [minor], soak: PT0S, notice: PT0S, approvals: 2}\n"));
        olga.ok(olga.put("/v1/products/urgent/releases/1.0.0", Planner.release("urgent", "1.0.0", true, "1")));
        olga.ok(olga.put(
                "/v1/products/urgent/releases/1.1.0",
                Planner.release("urgent", "1.1.0", true, "2")
                        + "advisories: [{id: SA-2026-1, severity: high, disclosed-at: \"2099-01-01T00:00:00Z\"}]\n"
                        + "notes: {security: [a header is escaped], added: [pins]}\n"));
        olga.ok(olga.put("/v1/tenants/urgent-one", Planner.tenant("urgent-one", "urgent", "staging")));
        olga.ok(customer("carla", "urgent-one")
                .post("/v1/account/upgrade-delay", "{\"until\": \"" + inDays(5) + "\"}"));
        Planner bea = new Planner(url.toString(), Tokens.staff("bea", "approver"));
        try (Others others = others("urgent")) {
            olga.startRollout("urgent", "1.1.0");
            await().atMost(SOON).until(() -> planned(others).size(), size -> size == 1);
            assertThat(planned(others).getFirst().notes())
                    .as("nothing of the advisory before it is disclosed")
                    .containsExactly("added: pins");
            assertThat(why("urgent-one")).contains("delayIsOver");
            String version = "{\"version\": \"1.1.0\"}";

            assertThat(ada.post("/v1/tenants/urgent-one/approvals", version).status())
                    .as("nobody has asked for it")
                    .isEqualTo(409);
            olga.ok(olga.post("/v1/tenants/urgent-one/override-requests", version));
            ada.ok(ada.post("/v1/tenants/urgent-one/approvals", version));
            assertThat(ada.post("/v1/tenants/urgent-one/approvals", version).status())
                    .isEqualTo(409);
            assertThat(why("urgent-one")).contains("delayIsOver");
            bea.ok(bea.post("/v1/tenants/urgent-one/approvals", version));

            await().atMost(SOON).until(() -> state("urgent-one"), "confirmed"::equals);
        }
    }

    @Test
    void freezesAnAccountOfAProductUntilTheFreezeIsLifted() {
        register("icy", "minor: {schema-change: true, consent: false, notice: PT0S}");
        olga.ok(olga.put("/v1/tenants/icy-two", Planner.tenant("icy-two", "icy", "staging")));
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        Planner.Answer frozen = olga.post("/v1/freezes", """
                {"product": "icy", "account": "icy-one-inc", "from": "%s", "to": "2099-01-01T00:00:00Z",
                 "reason": "their audit", "bumps": ["minor", "major"]}
                """.formatted(from));
        assertThat(frozen.status()).as(frozen.body().toString()).isEqualTo(201);
        assertThat(olga.post(
                                "/v1/freezes",
                                "{\"from\": \"%s\", \"to\": \"%s\", \"reason\": \"x\"}".formatted(from, from))
                        .status())
                .isEqualTo(422);
        try (Others others = others("icy")) {
            olga.startRollout("icy", "1.1.0");
            await().atMost(SOON).until(() -> state("icy-two"), "confirmed"::equals);
            assertThat(why("icy-one")).contains("noFreeze");

            olga.ok(olga.delete("/v1/freezes/" + frozen.body().get("id").asText()));

            await().atMost(SOON).until(() -> state("icy-one"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
        }
        assertThat(olga.get("/v1/freezes").body().get("items").toString()).doesNotContain("icy");
    }

    @Test
    void keepsTheCustomersWindowsWhateverItsOperatorApplies() {
        register("shutters", "minor: {schema-change: true, consent: false, notice: PT0S}");
        Planner carla = customer("carla", "shutters-one");
        String never =
                "{\"windows\": [{\"rrule\": \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\", \"from\": \"2026-01-03T01:00\","
                        + " \"length\": \"PT4H\", \"zone\": \"UTC\"}]}";
        String rare = "{\"windows\": [{\"rrule\": \"FREQ=DAILY\", \"from\": \"2099-01-03T01:00\","
                + " \"length\": \"PT4H\", \"zone\": \"UTC\"}]}";

        Planner.Answer refused = carla.putJson("/v1/account/windows/shutters-one", never);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body().at("/errors/0/pointer").asText()).isEqualTo("/windows/0/rrule");
        assertThat(carla.putJson("/v1/account/windows/shutters-one", rare, "If-Match", "\"7\"")
                        .status())
                .isEqualTo(412);
        Planner.Answer set = carla.putJson("/v1/account/windows/shutters-one", rare, "If-Match", "\"0\"");
        assertThat(set.headers().get("etag")).isEqualTo("\"1\"");

        olga.ok(olga.put(
                "/v1/tenants/shutters-one",
                Planner.tenant("shutters-one", "shutters", "staging") + "contacts: [x@example.com]\n"));
        try (Others others = others("shutters")) {
            olga.startRollout("shutters", "1.1.0");
            await().atMost(SOON).until(() -> why("shutters-one"), rules -> rules.contains("insideWindow"));
            assertThat(carla.get("/v1/account/windows")
                            .body()
                            .at("/items/0/own")
                            .asBoolean())
                    .isTrue();

            olga.ok(carla.delete("/v1/account/windows/shutters-one"));

            await().atMost(SOON).until(() -> state("shutters-one"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void tellsACustomerWhatChangesForItAndTakesItsConsentByLine() {
        olga.ok(olga.put("/v1/products/yes", Planner.descriptor("yes").replace("notice: P7D", "notice: PT0S")));
        olga.ok(olga.put("/v1/products/yes/releases/1.0.0", Planner.release("yes", "1.0.0", true, "1")));
        olga.ok(olga.put(
                "/v1/products/yes/releases/2.0.0",
                Planner.release("yes", "2.0.0", true, "2")
                        + "settings: [{name: MODE, component: app, fate: removed}, {name: OTHER, component: app, fate: removed}]\n"
                        + "notes: {removed: [\"MODE, in favour of nothing\"]}\n"));
        olga.ok(olga.put("/v1/tenants/yes-one", Planner.tenant("yes-one", "yes", "staging") + "variables: [MODE]\n"));
        Planner carla = customer("carla", "yes-one");
        assertThat(carla.get("/v1/account/upgrades/yes-one/notes").body().get("releases"))
                .isEmpty();
        try (Others others = others("yes")) {
            olga.startRollout("yes", "2.0.0");
            await().atMost(SOON).until(() -> why("yes-one"), rules -> rules.equals(List.of("majorIsConsented")));

            JsonNode notes = carla.get("/v1/account/upgrades/yes-one/notes").body();
            assertThat(notes.get("to").asText()).isEqualTo("2.0.0");
            assertThat(notes.at("/releases/0/notes/0").asText()).startsWith("removed: MODE");
            assertThat(notes.get("settings")).hasSize(1);
            assertThat(notes.at("/settings/0").asText()).isEqualTo("MODE is set, and is not read any more since 2.0.0");
            assertThat(carla.get("/v1/account/upgrades")
                            .body()
                            .at("/items/0/to")
                            .asText())
                    .isEqualTo("2.0.0");

            String consent = "{\"product\": \"yes\", \"version\": \"2\"}";
            assertThat(carla.post("/v1/account/consents", "{\"product\": \"yes\", \"version\": \"latest\"}")
                            .body()
                            .at("/errors/0/pointer")
                            .asText())
                    .isEqualTo("/version");
            Planner.Answer first = carla.post("/v1/account/consents", consent, "Idempotency-Key", "k-1");
            Planner.Answer again = carla.post("/v1/account/consents", consent, "Idempotency-Key", "k-1");
            Planner.Answer other =
                    carla.post("/v1/account/consents", consent.replace("2", "3"), "Idempotency-Key", "k-1");
            assertThat(first.status()).isEqualTo(201);
            assertThat(again.body()).isEqualTo(first.body());
            assertThat(other.status()).isEqualTo(422);
            assertThat(carla.get("/v1/account/tenants/yes-one/statements")
                            .body()
                            .get("items"))
                    .hasSize(1);

            await().atMost(SOON).until(() -> state("yes-one"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void letsNoCustomerTouchAnothersTenant() {
        register("fence", PATIENT);
        Planner mallory = customer("mallory", "other");

        assertThat(mallory.post(
                                "/v1/account/upgrade-delay",
                                "{\"until\": \"" + inDays(3) + "\", \"tenant\": \"fence-one\"}")
                        .status())
                .isEqualTo(404);
        assertThat(mallory.post("/v1/account/consents", "{\"product\": \"fence\", \"version\": \"2\"}")
                        .status())
                .isEqualTo(404);
        assertThat(mallory.delete("/v1/account/windows/fence-one").status()).isEqualTo(404);
        assertThat(mallory.get("/v1/account/upgrades/fence-one/notes").status()).isEqualTo(404);
        assertThat(mallory.get("/v1/account/windows").body().get("items")).isEmpty();
        assertThat(olga.get("/v1/tenants/fence-one/statements").body().get("items"))
                .isEmpty();
    }

    @Test
    void startsANewTenantWithTheLatestReleaseWhereItsDocumentNamesNone() {
        register("fresh", PATIENT);
        olga.ok(olga.put(
                "/v1/tenants/fresh-two",
                Planner.tenant("fresh-two", "fresh", "staging").replace("version: 1.0.0\n", "")));

        assertThat(olga.get("/v1/tenants/fresh-two").body().get("version").asText())
                .isEqualTo("1.1.0");
    }

    // ---- making things

    private void register(String product, String minor) {
        olga.ok(olga.put(
                "/v1/products/" + product,
                Planner.descriptor(product)
                        .replace("minor: {schema-change: true, consent: false, notice: PT0S}", minor)));
        releases(product);
        olga.ok(olga.put("/v1/tenants/" + product + "-one", Planner.tenant(product + "-one", product, "staging")));
    }

    private void releases(String product) {
        olga.ok(olga.put("/v1/products/" + product + "/releases/1.0.0", Planner.release(product, "1.0.0", true, "1")));
        olga.ok(olga.put("/v1/products/" + product + "/releases/1.1.0", Planner.release(product, "1.1.0", true, "2")));
    }

    private Planner customer(String name, String tenant) {
        return new Planner(url.toString(), Tokens.customer(name, tenant + "-inc"));
    }

    private Others others(String prefix) {
        return new Others(kafka.bootstrapServers(), prefix, Others::done, bake -> Others.judged(bake, Others.good()));
    }

    private static NoticeDelivered delivered(String tenant, String cause) {
        return new NoticeDelivered(
                tenant,
                "n-" + cause,
                new EventId(cause),
                "mail",
                "s-1",
                1,
                Optional.of(new AccountId(tenant + "-inc")));
    }

    private static List<UpgradePlanned> planned(Others others) {
        List<UpgradePlanned> planned = new ArrayList<>();
        others.lifecycle.forEach(event -> {
            if (event instanceof UpgradePlanned p) {
                planned.add(p);
            }
        });
        return planned;
    }

    private static List<Schedule> schedules(Others others) {
        return planned(others).stream().map(p -> p.schedule().orElseThrow()).toList();
    }

    private static List<Integer> revisions(Others others) {
        assertThat(schedules(others)).allSatisfy(s -> assertThat(s.bump()).isEqualTo(Bump.MINOR));
        return schedules(others).stream().map(Schedule::revision).toList();
    }

    private String upgrade(String tenant) {
        return olga.get("/v1/tenants/" + tenant + "/upgrade").body().get("id").asText();
    }

    private String state(String tenant) {
        return olga.get("/v1/tenants/" + tenant + "/upgrade")
                .body()
                .path("state")
                .asText();
    }

    private List<String> why(String tenant) {
        List<String> rules = new ArrayList<>();
        olga.get("/v1/tenants/" + tenant + "/why")
                .body()
                .get("blockers")
                .forEach(b -> rules.add(b.get("rule").asText()));
        return rules;
    }

    private static String inDays(int days) {
        return LocalDate.now(ZoneOffset.UTC).plusDays(days).toString();
    }
}
