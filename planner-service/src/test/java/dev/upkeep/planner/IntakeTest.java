package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people may send, and what they are told when it can't be taken. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class IntakeTest {
    @TestHTTPResource
    URL url;

    private Planner planner;

    @BeforeEach
    void connect() {
        planner = new Planner(url.toString());
    }

    @Test
    void refusesABadDescriptorWithItsPlaceAndFixAndChangesNothing() {
        planner.ok(planner.put("/v1/products/firm", Planner.descriptor("firm")));
        String bad = Planner.descriptor("firm")
                .replace("driver: gate", "driver: moat")
                .replace("rings:", "rigns:");

        Planner.Answer answer = planner.put("/v1/products/firm", bad);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.headers().get("type")).startsWith("application/problem+json");
        assertThat(pointers(answer)).contains("/rigns", "/rings", "/components/3/driver");
        assertThat(answer.body().at("/errors/0/fix").asText()).isNotBlank();
        assertThat(planner.get("/v1/products/firm")
                        .body()
                        .at("/components/3/driver")
                        .asText())
                .isEqualTo("gate");
    }

    @Test
    void refusesABadReleaseAndNeverChangesAPublishedOne() {
        planner.ok(planner.put("/v1/products/shipped", Planner.descriptor("shipped")));
        String release = Planner.release("shipped", "1.0.0", true);
        assertThat(planner.put("/v1/products/shipped/releases/1.0.0", release).status())
                .isEqualTo(201);

        assertThat(planner.put("/v1/products/shipped/releases/1.0.0", release).status())
                .isEqualTo(200);
        assertThat(planner.put("/v1/products/shipped/releases/1.0.0", release + "notes: {added: [x]}\n")
                        .status())
                .isEqualTo(409);
        assertThat(pointers(planner.put(
                        "/v1/products/shipped/releases/1.0.1",
                        Planner.release("shipped", "v1.0.1", true)
                                .replace(", digest: \"sha256:" + "0".repeat(64) + "\"", ""))))
                .contains("/version", "/artifacts/0/digest");
        assertThat(planner.put("/v1/products/nowhere/releases/1.0.0", release).status())
                .isEqualTo(404);
        assertThat(planner.get("/v1/products/shipped/releases").body().get("items"))
                .hasSize(1);
    }

    @Test
    void refusesAReleaseThatContradictsItselfWithEveryContradictionAndPublishesNothing() {
        planner.ok(planner.put("/v1/products/stern", Planner.descriptor("stern") + "breaking: [removal]\n"));
        planner.ok(planner.put("/v1/products/stern/releases/1.0.0", Planner.release("stern", "1.0.0", true)));
        String patch = Planner.release("stern", "1.0.1", true, "2").replace("releases/1.0.1", "latest/1.0.1")
                + "removals: [{id: attic, what: The attic}]\n";

        Planner.Answer answer = planner.put("/v1/products/stern/releases/1.0.1", patch);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body().get("type").asText()).isEqualTo("urn:upkeep:problem:release-contradictory");
        assertThat(pointers(answer)).containsExactly("/artifacts/0/location", "/migrations", "/removals/0");
        assertThat(answer.body().at("/errors/1/rule").asText()).isEqualTo("schemaAsItsBumpAllows");
        assertThat(answer.body().at("/errors/1/fix").asText()).isNotBlank();
        assertThat(planner.get("/v1/products/stern/releases").body().get("items"))
                .hasSize(1);
    }

    @Test
    void keepsOfAChangelogWhatItSaysOfTheReleaseSoThatItMayGrow() {
        planner.ok(planner.put("/v1/products/noted", Planner.descriptor("noted")));
        String release = Planner.release("noted", "1.0.0", true);
        String changelog = "changelog: |\n  # Changelog\n  ## [1.0.0] - 2026-01-01\n  ### Added\n  - All\n";

        assertThat(planner.put("/v1/products/noted/releases/1.0.0", release + changelog)
                        .status())
                .isEqualTo(201);
        assertThat(planner.put(
                                "/v1/products/noted/releases/1.0.0",
                                release + changelog.replace("  # Changelog", "  ## 1.1.0\n  - More"))
                        .status())
                .isEqualTo(200);
        assertThat(planner.put("/v1/products/noted/releases/1.0.0", release + changelog.replace("- All", "- Some"))
                        .status())
                .isEqualTo(409);
        assertThat(planner.get("/v1/products/noted/releases")
                        .body()
                        .at("/items/0/changelog")
                        .asText())
                .isEqualTo("## [1.0.0] - 2026-01-01\n### Added\n- All\n");
    }

    @Test
    void takesADescriptorFromOneOfThoseWhoChangeTheSameRevisionAtOnce() {
        planner.ok(planner.put("/v1/products/contested", Planner.descriptor("contested")));

        for (int revision = 1; revision <= 5; revision++) {
            String read = "\"" + revision + "\"";
            int minutes = 10 * revision;
            List<Planner.Answer> answers = Planner.atOnce(
                    6,
                    person -> planner.put(
                            "/v1/products/contested",
                            Planner.descriptor("contested")
                                    .replace("notice: P7D", "notice: PT" + (minutes + person) + "M"),
                            "If-Match",
                            read));

            assertThat(answers.stream().map(Planner.Answer::status))
                    .as("answers at revision " + revision)
                    .containsExactlyInAnyOrder(200, 412, 412, 412, 412, 412);
        }
    }

    @Test
    void refusesABadTenantAndAChangeOfWhatWasChangedMeanwhile() {
        planner.ok(planner.put("/v1/products/lodge", Planner.descriptor("lodge")));
        String tenant = Planner.tenant("lodger", "lodge", "general");
        assertThat(pointers(planner.put("/v1/tenants/lodger", tenant.replace("env:X", "hunter2"))))
                .containsExactly("/components/database/settings/password");
        assertThat(planner.get("/v1/tenants/lodger").status()).isEqualTo(404);

        Planner.Answer taken = planner.put("/v1/tenants/lodger", tenant);
        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.headers().get("etag")).isEqualTo("\"1\"");
        planner.ok(planner.put("/v1/tenants/lodger", tenant.replace("ring: general", "ring: canary")));

        assertThat(planner.put("/v1/tenants/lodger", tenant, "If-Match", "\"1\"")
                        .status())
                .isEqualTo(412);
        assertThat(planner.get("/v1/tenants/lodger").body().get("ring").asText())
                .isEqualTo("canary");
    }

    @Test
    void namesWhatIsWrongWithARequestThatIsNoDocument() {
        assertThat(planner.put("/v1/products/x", "a: 1\na: 2").status()).isEqualTo(400);
        assertThat(planner.post("/v1/rollouts", "{").status()).isEqualTo(400);
        assertThat(pointers(planner.post("/v1/rollouts", "{\"version\":\"1.0.0\"}")))
                .containsExactly("/product");
        assertThat(planner.post("/v1/rollouts", "{\"product\":\"no-such\",\"version\":\"1.0.0\"}")
                        .status())
                .isEqualTo(404);
        assertThat(planner.get("/v1/rollouts/r-none").status()).isEqualTo(404);
        assertThat(planner.get("/v1/upgrades/u-none").status()).isEqualTo(404);
        assertThat(planner.get("/v1/timeline?after=x").status()).isEqualTo(400);
        assertThat(planner.get("/v1/tenants?limit=0").status()).isEqualTo(400);
        assertThat(planner.get("/v1/nothing").status()).isEqualTo(404);
    }

    @Test
    void listsEveryBlockerOfAnUpgradeThatMayNotStart() {
        planner.ok(planner.put(
                "/v1/products/becalmed", Planner.descriptor("becalmed").replace("consent: false", "consent: true")));
        planner.ok(planner.put("/v1/products/becalmed/releases/1.1.0", Planner.release("becalmed", "1.1.0", true)));
        planner.ok(
                planner.put(
                        "/v1/tenants/becalmed-one",
                        Planner.tenant("becalmed-one", "becalmed", "staging")
                                + "freezes: [{from: \"2026-01-01T00:00:00Z\", to: \"2099-01-01T00:00:00Z\", reason: audit}]\n"));
        planner.startRollout("becalmed", "1.1.0");

        JsonNode why = planner.get("/v1/tenants/becalmed-one/why").body();

        List<String> rules = new ArrayList<>();
        why.get("blockers").forEach(b -> rules.add(b.get("rule").asText()));
        assertThat(why.get("state").asText()).isEqualTo("waiting");
        // 1.0.0 is not published, so there would be no way back.
        // And what is frozen until 2099 was announced for then.
        assertThat(rules).containsExactly("pathExists", "noFreeze", "noticeHasRun", "majorIsConsented");
        assertThat(why.at("/blockers/1/until").asText()).isEqualTo("2099-01-01T00:00:00Z");
    }

    @Test
    void pagesThroughItsTenants() {
        planner.registerSample("paged", true, Map.of("paged-1", "general", "paged-2", "general", "paged-3", "general"));

        JsonNode first = planner.get("/v1/tenants?cursor=paged-&limit=2").body();
        JsonNode second = planner.get(
                        "/v1/tenants?limit=2&cursor=" + first.get("next").asText())
                .body();

        assertThat(first.at("/items/0/tenant").asText()).isEqualTo("paged-1");
        assertThat(second.at("/items/0/tenant").asText()).isEqualTo("paged-3");
    }

    @Test
    void tellsTruthfullyHowItIsAndWhatItOffers() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> planner.get("/q/health/ready").status(), s -> s == 200);
        assertThat(planner.get("/q/health/live").status()).isEqualTo(200);
        assertThat(text("/q/metrics")).contains("upkeep_");
        assertThat(text("/q/openapi")).contains("/v1/rollouts/{rollout}/timeline");
    }

    private String text(String path) {
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create(url.toString()).resolve(path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static List<String> pointers(Planner.Answer answer) {
        List<String> pointers = new ArrayList<>();
        answer.body().get("errors").forEach(e -> pointers.add(e.get("pointer").asText()));
        return pointers;
    }
}
