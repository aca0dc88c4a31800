package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.cli.Api;
import dev.upkeep.sample.writer.Account;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * I12: each of the four services is killed with SIGKILL in the middle of the demo's first rollout and started again;
 * the rollout ends as if nothing had happened.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledServiceTest {
    private static final String RELEASE = "1.1.0";
    private static final int PAGE = 500;
    private static final Duration LONGEST = Duration.ofMinutes(6);

    private final Path home =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
    private final Sample sample = new Sample(home);
    private Mailbox mailbox;
    private Suite suite;
    private Api planner;
    private Path state;

    @BeforeAll
    void start(@TempDir Path directory) {
        state = directory;
        mailbox = Mailbox.keepingIn(directory.resolve("mail"), mail -> {});
        suite = Suite.of(home, directory.resolve("suite"))
                .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", "127.0.0.1")
                .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_PORT", Integer.toString(mailbox.port()))
                .start();
        planner = suite.api(Service.PLANNER);
        planner.put("/v1/products/" + Sample.PRODUCT, sample.descriptor(), "application/yaml");
        for (String version : List.of("1.0.0", RELEASE)) {
            planner.put(
                    "/v1/products/" + Sample.PRODUCT + "/releases/" + version,
                    sample.manifest(version),
                    "application/yaml");
        }
        ObjectNode subscription = new ObjectMapper().createObjectNode();
        subscription
                .put("id", "ops")
                .put("channel", "mail")
                .put("to", "ops@example.com")
                .put("product", Sample.PRODUCT);
        suite.api(Service.NOTIFIER).put("/v1/subscriptions/ops", subscription.toString(), "application/json");
    }

    @AfterAll
    void stop() {
        if (suite != null) {
            suite.close();
        }
        mailbox.close();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void endsTheRolloutAsIfNothingHadHappened(Service killed) throws Exception {
        Map<String, String> tenants = new LinkedHashMap<>();
        for (String ring : sample.rings()) {
            tenants.put(killed.word() + "-" + ring, ring);
        }
        try (Fleet fleet = Fleet.start(state.resolve(killed.word()), sample, tenants)) {
            // Given a rollout that has reached the second ring
            for (Fleet.Member member : fleet.members()) {
                planner.put("/v1/tenants/" + member.name(), fleet.document(member, "demo-inc"), "application/yaml");
            }
            fleet.startTraffic();
            String rollout = planner.post(
                            "/v1/rollouts",
                            new ObjectMapper()
                                    .createObjectNode()
                                    .put("product", Sample.PRODUCT)
                                    .put("version", RELEASE))
                    .path("id")
                    .asText();
            String second = fleet.members().get(1).name();
            await().atMost(LONGEST).until(() -> hasBegun(second, momentFor(killed)));

            // When the service is killed
            long pid = suite.pid(killed).orElseThrow();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            // Then the rollout ends, every tenant confirmed, every step done once, every write accounted for
            await().atMost(LONGEST).until(() -> ended(rollout));
            fleet.stopTraffic();
            assertThat(states(rollout)).hasSize(3).containsOnly("confirmed");
            assertThat(suite.pid(killed)).isPresent();
            assertThat(suite.pid(killed).orElseThrow()).isNotEqualTo(pid);
            for (Fleet.Member member : fleet.members()) {
                assertThat(planner.get("/v1/tenants/" + member.name())
                                .path("version")
                                .asText())
                        .isEqualTo(RELEASE);
                assertThat(successes(rollout, member.name()).values())
                        .as("steps of " + member.name())
                        .containsOnly(1);
                Account account = fleet.account(member, List.of());
                assertThat(account.missing())
                        .as("missing writes of " + member.name())
                        .isEmpty();
                assertThat(account.acknowledged()).isPositive();
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(subjectsOf(member.name()))
                                .as("mails about " + member.name())
                                .anyMatch(subject -> subject.contains("confirmed")));
            }
        }
    }

    /** A moment at which the service has something in its hands. */
    private static String momentFor(Service service) {
        return switch (service) {
            case PLANNER -> "prove-backup";
            case EXECUTOR -> "migrate";
            case VERIFIER -> "verify-open";
            case NOTIFIER -> "baseline";
        };
    }

    private boolean hasBegun(String tenant, String action) {
        return entries("/v1/timeline?limit=" + PAGE).stream()
                .anyMatch(entry -> entry.path("tenant").asText().equals(tenant)
                        && entry.path("kind").asText().equals("step-requested")
                        && entry.path("step").asText().contains(action));
    }

    private boolean ended(String rollout) {
        String word = planner.get("/v1/rollouts/" + rollout).path("state").asText();
        return !word.equals("running");
    }

    private List<String> states(String rollout) {
        List<String> states = new ArrayList<>();
        planner.get("/v1/rollouts/" + rollout)
                .path("upgrades")
                .forEach(upgrade -> states.add(upgrade.path("state").asText()));
        return states;
    }

    /** How often each of a tenant's steps was done. */
    private Map<String, Integer> successes(String rollout, String tenant) {
        Map<String, Integer> times = new HashMap<>();
        for (JsonNode entry : entries("/v1/rollouts/" + rollout + "/timeline?limit=" + PAGE)) {
            if (entry.path("tenant").asText().equals(tenant)
                    && entry.path("kind").asText().equals("step-succeeded")) {
                times.merge(entry.path("step").asText(), 1, Integer::sum);
            }
        }
        return times;
    }

    private List<JsonNode> entries(String path) {
        List<JsonNode> entries = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        JsonNode page;
        do {
            page = planner.get(path + cursor.map(c -> "&after=" + c).orElse(""));
            page.path("entries").forEach(entries::add);
            cursor = Optional.of(page.path("next").asText());
        } while (page.path("entries").size() == PAGE);
        return entries;
    }

    private List<String> subjectsOf(String tenant) {
        return mailbox.mails().stream()
                .map(Mailbox.Mail::subject)
                .filter(s -> s.contains(tenant))
                .toList();
    }
}
