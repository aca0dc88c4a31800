package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs, against a planner that answers as the real one does. */
final class UpkeepTest {
    private static final String HELD = """
            {"id": "u-7", "rollout": "r-1", "tenant": "acme", "account": "acme-inc", "product": "inkwell",
             "from": "1.0.0", "to": "1.1.0", "ring": "general", "state": "held", "step": "migrate",
             "reason": "the executor can't tell whether migrate was done",
             "waysOut": ["retry: runs the step again", "undo: goes back"], "because": [],
             "announcedAt": "2026-11-20T20:00:00Z", "startedAt": "2026-11-20T20:00:01Z",
             "facts": {"backup.proven": "true"},
             "runs": [{"step": "f-1", "action": "check-capacity", "component": "database", "attempt": "1",
                       "outcome": "succeeded", "summary": "12 GiB free"},
                      {"step": "f-2", "action": "migrate", "component": "schema", "attempt": "1",
                       "outcome": "uncertain", "summary": "connection lost"}],
             "timeline": []}""";
    private static final String REFUSED = """
            {"type": "urn:upkeep:problem:document-refused", "title": "document refused", "status": 422,
             "detail": "2 problems",
             "errors": [{"pointer": "/components/0/driver", "detail": "unknown driver 'magic'", "fix": "use one of gate, process"},
                        {"pointer": "/colour", "detail": "unknown key 'colour'", "fix": "remove it"}]}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private Planner planner;

    @BeforeEach
    void startPlanner() throws IOException {
        planner = new Planner();
    }

    @AfterEach
    void stopPlanner() {
        planner.close();
    }

    @Test
    void sendsADocumentAsItWasWritten() throws IOException {
        // Given
        String text = "# ours\nproduct: inkwell\ncomponents: []\n";
        Path file = Files.writeString(directory.resolve("inkwell.yaml"), text);
        planner.on("PUT /v1/products/inkwell", 201, "{\"product\": \"inkwell\"}");

        // When
        int code = upkeep("product", "apply", "-f", file.toString());

        // Then
        assertThat(code).isZero();
        assertThat(out.toString()).isEqualTo("product inkwell applied\n");
        assertThat(planner.requests().getFirst().contentType()).isEqualTo("application/yaml");
        assertThat(planner.requests().getFirst().body()).isEqualTo(text);
    }

    @Test
    void putsAReleaseUnderItsProductAndVersion() throws IOException {
        Path file = Files.writeString(
                directory.resolve("r.json"), "{\"product\": \"inkwell\", \"version\": \"1.1.0-rc.1+b 1\"}");
        planner.on(
                "PUT /v1/products/inkwell/releases/1.1.0-rc.1%2Bb+1",
                201, "{\"product\": \"inkwell\", \"version\": \"1.1.0-rc.1+b 1\"}");

        int code = upkeep("release", "publish", "-f", file.toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(planner.requests().getFirst().contentType()).isEqualTo("application/json");
    }

    @Test
    void endsATenantsUpgradeAndSaysWhatHappensNext() throws IOException {
        planner.on("GET /v1/tenants/acme/upgrade", 200, HELD);
        planner.on(
                "POST /v1/upgrades/u-7/abort",
                200,
                "{\"id\": \"u-7\", \"tenant\": \"acme\", \"next\": \"it goes back to 1.0.0 now\"}");

        int code = upkeep("upgrade", "abort", "acme", "--reason", "the wrong customer");

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("acme, upgrade u-7: it goes back to 1.0.0 now\n");
        assertThat(json(planner.requests().getLast().body())).isEqualTo(json("{\"reason\": \"the wrong customer\"}"));
    }

    @Test
    void asksForAReasonBeforeItEndsAnything() {
        assertThat(upkeep("upgrade", "abort", "acme")).isEqualTo(2);
        assertThat(planner.requests()).isEmpty();
    }

    @Test
    void recallsAReleaseAndExitsOneWhereATenantCantGoBack() throws IOException {
        planner.on("POST /v1/products/inkwell/releases/1.1.0/recall", 200, """
                {"product": "inkwell", "version": "1.1.0", "by": "ada", "reason": "it loses notes", "stopped": ["r-1"],
                 "rollout": {"id": "r-2", "kind": "recall"}, "held": {"acme": ["migrations [3] can't be reverted"]}}""");

        int code = upkeep("release", "recall", "inkwell", "1.1.0", "--reason", "it loses notes", "--go-back");

        assertThat(code).isEqualTo(1);
        assertThat(out.toString())
                .contains("release inkwell 1.1.0 was recalled by ada: it loses notes")
                .contains("rollout r-1 was stopped")
                .contains("those who run it go back by rollout r-2")
                .contains("acme")
                .contains("migrations [3] can't be reverted");
        assertThat(json(planner.requests().getFirst().body()))
                .isEqualTo(json("{\"reason\": \"it loses notes\", \"goBack\": true}"));
    }

    @Test
    void turnsBackWhatHasBegunOnlyWhereThatIsAskedFor() throws IOException {
        planner.on("POST /v1/rollouts/r-1/abort", 200, "{\"id\": \"r-1\", \"state\": \"aborted\"}");

        upkeep("rollout", "abort", "r-1");
        upkeep("rollout", "abort", "r-1", "--undo");

        assertThat(json(planner.requests().getFirst().body())).isEqualTo(json("{}"));
        assertThat(json(planner.requests().getLast().body())).isEqualTo(json("{\"undo\": true}"));
        assertThat(out.toString()).contains("goes on to its end").contains("is turned back where it is not proven");
    }

    @Test
    void publishesTheNewestVersionOfAChangelogWithItsManifest() throws IOException {
        // Given
        Path changelog = Files.writeString(
                directory.resolve("CHANGELOG.md"),
                "# Changelog\n\n## [Unreleased]\n\n## [1.1.0]\n- a\n\n## 1.0.0\n- b\n");
        Path facts = Files.writeString(directory.resolve("facts.yaml"), "needs-window: true\n");
        planner.on(
                "PUT /v1/products/inkwell/releases/1.1.0", 201, "{\"product\": \"inkwell\", \"version\": \"1.1.0\"}");

        // When
        int code = upkeep(
                "release", "publish", "inkwell", "--changelog", changelog.toString(), "--manifest", facts.toString());

        // Then
        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("release inkwell 1.1.0 published\n");
        assertThat(planner.requests().getFirst().contentType()).isEqualTo("application/json");
        JsonNode sent =
                new ObjectMapper().readTree(planner.requests().getFirst().body());
        assertThat(sent.get("version").asText()).isEqualTo("1.1.0");
        assertThat(sent.get("needs-window").asBoolean()).isTrue();
        assertThat(sent.get("changelog").asText()).isEqualTo(Files.readString(changelog));
    }

    @Test
    void publishesTheVersionThatTheManifestNames() throws IOException {
        Path changelog = Files.writeString(directory.resolve("CHANGELOG.md"), "## 1.1.0\n- a\n## 1.0.0\n- b\n");
        Path facts = Files.writeString(directory.resolve("facts.yaml"), "version: 1.0.0\n");
        planner.on(
                "PUT /v1/products/inkwell/releases/1.0.0", 201, "{\"product\": \"inkwell\", \"version\": \"1.0.0\"}");

        assertThat(upkeep(
                        "release",
                        "publish",
                        "inkwell",
                        "--changelog",
                        changelog.toString(),
                        "--manifest",
                        facts.toString()))
                .as(err.toString())
                .isZero();
    }

    @Test
    void refusesToPublishWhatIsNamedTwiceOrNotAtAll() throws IOException {
        Path changelog = Files.writeString(directory.resolve("CHANGELOG.md"), "# Changelog\n");

        assertThat(upkeep("release", "publish")).isEqualTo(2);
        assertThat(upkeep("release", "publish", "inkwell", "-f", changelog.toString()))
                .isEqualTo(2);
        assertThat(upkeep("release", "publish", "--changelog", changelog.toString()))
                .isEqualTo(2);
        assertThat(upkeep("release", "publish", "inkwell", "--changelog", changelog.toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("has no version");
        assertThat(planner.requests()).isEmpty();
    }

    @Test
    void showsEveryPlaceThatIsWrongWithItsFix() throws IOException {
        // Given
        Path file = Files.writeString(directory.resolve("bad.yaml"), "product: inkwell\ncolour: red\n");
        planner.on("PUT /v1/products/inkwell", 422, REFUSED);

        // When
        int code = upkeep("product", "apply", "-f", file.toString());

        // Then
        assertThat(code).isEqualTo(3);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isEqualTo("""
                document refused
                  /components/0/driver  unknown driver 'magic'
                      → use one of gate, process
                  /colour  unknown key 'colour'
                      → remove it
                """);
    }

    @Test
    void saysThatAFileIsNoText() throws IOException {
        Path file = Files.write(directory.resolve("bad.yaml"), new byte[] {'p', (byte) 0xff, (byte) 0xfe});

        int code = upkeep("product", "apply", "-f", file.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("bad.yaml is no text in UTF-8\n  → ");
    }

    @Test
    void watchesTheLatestRolloutUnlessAnotherIsNamed() {
        planner.on("GET /v1/rollouts?limit=1", 200, "{\"items\": [{\"id\": \"r-9\"}]}")
                .on("GET /v1/rollouts/r-9/timeline", 200, "{\"entries\": [], \"next\": \"\"}")
                .on(
                        "GET /v1/rollouts/r-9",
                        200,
                        "{\"id\": \"r-9\", \"product\": \"inkwell\", \"version\": \"1.1.0\","
                                + " \"state\": \"finished\", \"upgrades\": []}");

        int code = upkeep("rollout", "watch");

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).contains("inkwell 1.1.0: finished");
    }

    @Test
    void neverGuessesWhichRolloutIsToStop() {
        assertThat(upkeep("rollout", "abort")).isEqualTo(2);
        assertThat(err.toString()).contains("Missing required parameter: 'ROLLOUT'");
        assertThat(planner.requests()).isEmpty();
    }

    @Test
    void helpsWithEveryVerb() {
        assertThat(upkeep("rollout", "start", "--help")).isZero();
        assertThat(out.toString()).contains("--version=VERSION");
    }

    @Test
    void listsWhatIsParkedInEveryServiceAndSaysWhichDidNotAnswer() {
        // Given a planner that answers for all services but one
        String one = "{\"items\": [{\"cursor\": 1, \"consumer\": \"executor-steps\", \"key\": \"acme\", \"waiting\": 2,"
                + " \"since\": \"2026-11-20T20:00:00.123456Z\", \"record\": \"upkeep.steps-0@7\", \"reason\": \"no type\"}]}";
        planner.on("GET /v1/parked-keys", 200, one);

        int code = upkeep(
                "parked",
                "list",
                "--notifier",
                planner.url(),
                "--executor",
                planner.url(),
                "--verifier",
                "http://127.0.0.1:1");

        assertThat(code).isEqualTo(4);
        assertThat(out.toString())
                .startsWith("CONSUMER        KEY   WAITING  SINCE                 RECORD            WHY\n"
                        + "executor-steps  acme  2        2026-11-20T20:00:00Z  upkeep.steps-0@7  no type\n");
        assertThat(err.toString()).contains("http://127.0.0.1:1 does not answer");
    }

    @Test
    void letsAKeyGoAtTheServiceWhoseConsumerIsNamed() {
        planner.on(
                "POST /v1/parked-keys/acme%20inc/release?consumer=executor-steps&failed=skip", 200, "{\"handled\": 2}");

        int code = upkeep("parked", "skip", "executor-steps", "acme inc", "--executor", planner.url());

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).startsWith("acme inc at executor-steps: 2 waiting records handled");
        assertThat(upkeep("parked", "release", "steps", "acme")).isEqualTo(2);
        assertThat(err.toString()).contains("'steps' is no consumer of a service");
    }

    @Test
    void saysWhereADocumentIsNoYaml() throws IOException {
        Path file = Files.writeString(directory.resolve("bad.yaml"), "product: [inkwell\nversion: 1\n");

        int code = upkeep("product", "apply", "-f", file.toString());

        assertThat(code).isEqualTo(3);
        assertThat(err.toString()).contains("bad.yaml is neither YAML nor JSON: line ");
        assertThat(planner.requests()).isEmpty();
    }

    @Test
    void saysWhichFieldOfADocumentIsMissing() throws IOException {
        Path file = Files.writeString(directory.resolve("t.yaml"), "account: acme-inc\n");

        int code = upkeep("tenant", "apply", "-f", file.toString());

        assertThat(code).isEqualTo(3);
        assertThat(err.toString()).contains("/tenant is missing").contains("→ add `tenant: …`");
    }

    @Test
    void startsARolloutOnceHoweverOftenItIsDelivered() throws IOException {
        planner.on("POST /v1/rollouts", 201, "{\"id\": \"r-1\", \"state\": \"running\"}");

        int code = upkeep("rollout", "start", "--product", "inkwell", "--version", "1.1.0");

        assertThat(code).isZero();
        assertThat(out.toString()).contains("rollout r-1 started").contains("upkeep rollout watch r-1");
        assertThat(json(planner.requests().getFirst().body()))
                .isEqualTo(json("{\"product\": \"inkwell\", \"version\": \"1.1.0\"}"));
        assertThat(planner.requests().getFirst().idempotencyKey()).hasSize(36);
    }

    @Test
    void watchesUntilTheRolloutIsOver() {
        // Given
        planner.on("GET /v1/rollouts/r-1/timeline", 200, page("5-1", "2026-11-20T20:00:00.123456Z", "rollout started"))
                .on("GET /v1/rollouts/r-1/timeline?after=5-1", 200, page("6-2", "2026-11-20T20:00:09Z", "confirmed"))
                .on("GET /v1/rollouts/r-1/timeline?after=6-2", 200, "{\"entries\": [], \"next\": \"6-2\"}")
                .on("GET /v1/rollouts/r-1", 200, rollout("running", "running"))
                .on("GET /v1/rollouts/r-1", 200, rollout("finished", "confirmed"));

        // When
        int code = upkeep("rollout", "watch", "r-1");

        // Then
        assertThat(code).isZero();
        assertThat(out.toString()).isEqualTo("""
                20:00:00.1  acme         rollout started
                20:00:09.0  acme         confirmed

                inkwell 1.1.0: finished
                RING     TENANT  UPGRADE  STATE
                general  acme    u-7      confirmed
                """);
    }

    @Test
    void goesOnWatchingWhileTheUpgradesOfAStoppedRolloutStillMove() {
        planner.on("GET /v1/rollouts/r-1/timeline", 200, "{\"entries\": [], \"next\": \"\"}")
                .on("GET /v1/rollouts/r-1", 200, rollout("stopped", "undoing"))
                .on("GET /v1/rollouts/r-1", 200, rollout("stopped", "rolled-back"));

        int code = upkeep("rollout", "watch", "r-1");

        assertThat(code).isEqualTo(1);
        assertThat(planner.requests().stream().filter(r -> r.line().equals("GET /v1/rollouts/r-1")))
                .hasSize(2);
    }

    @Test
    void goesOnWatchingWhileThePlannerIsAway() {
        planner.on("GET /v1/rollouts/r-1/timeline", 200, page("5-1", "2026-11-20T20:00:00Z", "rollout started"))
                .on("GET /v1/rollouts/r-1/timeline?after=5-1", 503, "{\"title\": \"starting\", \"status\": 503}")
                .on("GET /v1/rollouts/r-1/timeline?after=5-1", 200, "{\"entries\": [], \"next\": \"5-1\"}")
                .on("GET /v1/rollouts/r-1", 200, rollout("running", "running"))
                .on("GET /v1/rollouts/r-1", 200, rollout("finished", "confirmed"));

        int code = upkeep("rollout", "watch", "r-1");

        assertThat(code).as(err.toString()).isZero();
    }

    @Test
    void watchesAsJsonLinesForPrograms() {
        planner.on("GET /v1/rollouts/r-1/timeline", 200, page("5-1", "2026-11-20T20:00:00Z", "rollout started"))
                .on("GET /v1/rollouts/r-1/timeline?after=5-1", 200, "{\"entries\": [], \"next\": \"5-1\"}")
                .on("GET /v1/rollouts/r-1", 200, rollout("finished", "confirmed"));

        int code = upkeep("rollout", "watch", "r-1", "-o", "json");

        assertThat(code).isZero();
        assertThat(out.toString().lines())
                .hasSize(1)
                .allSatisfy(line -> assertThat(json(line).path("text").asText()).isEqualTo("rollout started"));
    }

    @Test
    void leavesItToTheTokenToSayWhoPausedARollout() {
        planner.on("POST /v1/rollouts/r-1/pause", 200, rollout("paused", "waiting"));

        int code = upkeep("rollout", "pause", "r-1");

        assertThat(code).isZero();
        assertThat(planner.requests().getFirst().body()).isEqualTo("{}");
    }

    @Test
    void showsAHeldUpgradeWithItsReasonAndItsWaysOut() {
        planner.on("GET /v1/upgrades/u-7", 200, HELD);

        int code = upkeep("upgrade", "show", "u-7");

        assertThat(code).isZero();
        assertThat(out.toString()).isEqualTo("""
                acme: 1.0.0 → 1.1.0, held, because the executor can't tell whether migrate was done
                upgrade u-7 of rollout r-1
                  way out: retry: runs the step again
                  way out: undo: goes back

                STEP            COMPONENT  ATTEMPT  OUTCOME    WHAT CAME OF IT
                check-capacity  database   1        succeeded  12 GiB free
                migrate         schema     1        uncertain  connection lost
                """);
    }

    @Test
    void findsATenantsLatestUpgradeByTheTenantsName() {
        planner.on("GET /v1/tenants/acme/upgrade", 200, HELD);

        assertThat(upkeep("upgrade", "show", "acme", "-o", "json")).isZero();

        assertThat(json(out.toString())).isEqualTo(json(HELD));
    }

    @Test
    void showsTheFiguresThatAnUpgradeWentBackFor() {
        planner.on("GET /v1/upgrades/u-7", 200, """
                {"id": "u-7", "rollout": "r-2", "tenant": "acme", "from": "1.1.0", "to": "1.2.0", "state": "rolled-back",
                 "reason": "verify-open", "waysOut": [], "facts": {"gap.report": "/state/reports/gap.json"}, "runs": [],
                 "because": [{"name": "error-ratio", "expected": "at most 0.02", "found": "41 of 205 (0.2)"}]}""");

        assertThat(upkeep("upgrade", "show", "u-7")).isZero();

        assertThat(out.toString())
                .contains("  error-ratio: 41 of 205 (0.2) (expected: at most 0.02)\n")
                .contains("  gap report: /state/reports/gap.json\n")
                .contains("no step has run");
    }

    @Test
    void listsEverythingThatStandsInTheWay() {
        planner.on("GET /v1/tenants/acme/why", 200, """
                {"tenant": "acme", "state": "waiting", "blockers": [
                  {"rule": "insideWindow", "fact": "outside every maintenance window", "until": "2026-11-21T01:00:00Z"},
                  {"rule": "majorIsConsented", "fact": "the customer has not consented to 2.0.0"}]}""");

        assertThat(upkeep("upgrade", "why", "acme")).isZero();

        assertThat(out.toString()).isEqualTo("""
                acme: waiting
                RULE              UNTIL                 FACT
                insideWindow      2026-11-21T01:00:00Z  outside every maintenance window
                majorIsConsented                        the customer has not consented to 2.0.0
                """);
    }

    @Test
    void resolvesATenantsHoldOnRecord() {
        planner.on("GET /v1/tenants/acme/upgrade", 200, HELD).on("POST /v1/upgrades/u-7/resolution", 200, HELD);

        int code = upkeep("hold", "resolve", "acme", "--way", "undo", "--note", "seen in the log");

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("upgrade u-7: undo\n");
        assertThat(json(planner.requests().getLast().body()))
                .isEqualTo(json("{\"way\": \"undo\", \"note\": \"seen in the log\"}"));
    }

    @Test
    void collectsEveryPageOfAList() {
        planner.on("GET /v1/tenants", 200, "{\"items\": [{\"tenant\": \"acme\"}], \"next\": \"acme\"}")
                .on("GET /v1/tenants?cursor=acme", 200, "{\"items\": [{\"tenant\": \"bolt\"}]}");

        assertThat(upkeep("tenant", "list", "-o", "json")).isZero();

        assertThat(json(out.toString()).findValuesAsText("tenant")).containsExactly("acme", "bolt");
    }

    @Test
    void saysTheSameInYamlAsInJson() throws IOException {
        planner.on("GET /v1/upgrades/u-7", 200, HELD);

        assertThat(upkeep("upgrade", "show", "u-7", "-o", "yaml")).isZero();

        assertThat(new ObjectMapper(new YAMLFactory()).readTree(out.toString())).isEqualTo(json(HELD));
    }

    @Test
    void tellsThatThereIsNoSuchThing() {
        int code = upkeep("rollout", "show", "r-9");

        assertThat(code).isEqualTo(5);
        assertThat(err.toString()).contains("nothing is here").contains("→ look elsewhere");
    }

    @Test
    void tellsThatNobodyAnswers() throws IOException {
        // Given a port that nobody listens on
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        // When
        int code = run("rollout", "list", "--planner", "http://127.0.0.1:" + port);

        // Then
        assertThat(code).isEqualTo(4);
        assertThat(err.toString())
                .contains("http://127.0.0.1:" + port + " does not answer")
                .contains("./upkeep up");
    }

    @Test
    void tellsThatSomethingElseAnswers() {
        planner.on("GET /v1/rollouts", 200, "text/html", "<html>a router's login</html>");

        int code = upkeep("rollout", "list");

        assertThat(code).isEqualTo(4);
        assertThat(err.toString()).contains("no JSON");
    }

    @Test
    void tellsThatTheServiceFailed() {
        planner.on(
                "GET /v1/rollouts",
                500,
                "{\"title\": \"internal\", \"status\": 500, \"errors\": [{\"pointer\": \"\","
                        + " \"detail\": \"something failed\", \"fix\": \"look for 4711 in the planner's log\"}]}");

        assertThat(upkeep("rollout", "list")).isEqualTo(4);

        assertThat(err.toString()).contains("something failed").contains("4711");
    }

    @Test
    void readsWhereTheServicesAreFromTheStateDirectory() throws IOException {
        Files.writeString(directory.resolve("endpoints.json"), "{\"planner\": \"" + planner.url() + "\"}");
        planner.on("GET /v1/products", 200, "{\"items\": []}");

        int code = run("product", "list", "--state", directory.toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("no products\n");
    }

    @Test
    void saysHowToNameTheServicesWhenNothingDoes() {
        int code = run("product", "list", "--state", directory.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains(directory.resolve("endpoints.json") + " says nothing")
                .contains("--planner URL or UPKEEP_PLANNER_URL");
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThat(run("product", "list", "--planner", "localhost:8080")).isEqualTo(2);

        assertThat(err.toString()).contains("'localhost:8080' is no URL");
    }

    @Test
    void refusesACommandLineThatIsWrong() {
        assertThat(upkeep("rollout", "start", "--product", "inkwell")).isEqualTo(2);
        assertThat(err.toString()).contains("--version");
        assertThat(upkeep("rollouts")).isEqualTo(2);
        assertThat(upkeep()).isEqualTo(2);
        assertThat(planner.requests()).isEmpty();
    }

    private int upkeep(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (arguments.length > 1) {
            all.addAll(List.of("--planner", planner.url()));
        }
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        return Upkeep.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private static String page(String cursor, String at, String text) {
        return "{\"entries\": [{\"cursor\": \"%s\", \"at\": \"%s\", \"tenant\": \"acme\", \"kind\": \"x\", \"text\": \"%s\"}], \"next\": \"%s\"}"
                .formatted(cursor, at, text, cursor);
    }

    private static String rollout(String state, String upgrade) {
        return """
                {"id": "r-1", "product": "inkwell", "version": "1.1.0", "state": "%s", "reason": "", "rings": [],
                 "upgrades": [{"id": "u-7", "tenant": "acme", "ring": "general", "state": "%s"}]}""".formatted(state, upgrade);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
