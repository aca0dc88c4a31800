package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.cli.Api;
import dev.upkeep.cli.Credential;
import dev.upkeep.sample.writer.Account;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A suite of processes and a fleet of the sample product, in the middle of whose rollouts something is killed.
 *
 * <p>Each rollout is of a product of its own, which is the sample under another name, so that none of them moves another's
 * tenants. Its spans are short: what is shown does not depend on how long anybody looks.
 */
final class Scene implements AutoCloseable {
    static final String FIRST = "1.0.0";
    static final String GOOD = "1.1.0";
    static final String BAD = "1.2.0";

    private static final Map<String, String> SHORTER = Map.of(
            "{baseline: app, span: PT4S}", "{baseline: app, span: PT1S}",
            "{verify-open: app, span: PT7S}", "{verify-open: app, span: PT3S}",
            "at-least: 30", "at-least: 10",
            "name: staging, soak: PT3S", "name: staging, soak: PT1S",
            "name: canary, soak: PT3S", "name: canary, soak: PT1S");
    private static final int PAGE = 500;
    private static final int REGISTERED_AT_ONCE = 8;
    private static final Duration LONGEST = Duration.ofMinutes(6);

    private final Sample sample;
    private final String from;
    private final Mailbox mailbox;
    private final Both both;
    private final Api planner;

    /** One product's way through its rollout. */
    record Run(String product, String rollout, String to, List<Fleet.Member> members) {
        String tenant(int number) {
            return members.get(number).name();
        }
    }

    private Scene(Sample sample, String from, Mailbox mailbox, Both both) {
        this.sample = sample;
        this.from = from;
        this.mailbox = mailbox;
        this.both = both;
        this.planner = both.suite().api(Service.PLANNER);
    }

    static Path home() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
    }

    /**
     * Starts everything.
     *
     * @param from the version that the fleet runs
     * @param tenants with their rings
     */
    static Scene start(Path state, String from, Map<String, String> tenants) {
        Sample sample = new Sample(home());
        Mailbox mailbox = Mailbox.keepingIn(state.resolve("mail"), mail -> {});
        try {
            Both both = Both.start(
                    () -> Suite.of(home(), state.resolve("suite"))
                            .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", "127.0.0.1")
                            .environment(
                                    Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_PORT", Integer.toString(mailbox.port()))
                            .start(),
                    () -> Fleet.start(state.resolve("fleet"), sample, from, tenants));
            Scene scene = new Scene(sample, from, mailbox, both);
            both.suite()
                    .api(Service.NOTIFIER)
                    .put(
                            "/v1/subscriptions/ops",
                            "{\"id\": \"ops\", \"channel\": \"mail\", \"to\": \"ops@example.com\"}",
                            "application/json");
            return scene;
        } catch (RuntimeException failed) {
            mailbox.close();
            throw failed;
        }
    }

    Suite suite() {
        return both.suite();
    }

    /** The rings of the sample, in their order. */
    static List<String> rings() {
        return new Sample(home()).rings();
    }

    /** The words of the steps that take the sample forward, in their order. */
    static List<String> actions() {
        return new Sample(home())
                .descriptor()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("- {") && !line.startsWith("- {name"))
                .map(line -> line.substring(3, line.indexOf(':')))
                .toList();
    }

    /** Puts tenants under traffic and lets a release of a product of this name go out to them. */
    Run rollOut(String product, String to, List<String> tenants) throws Exception {
        List<Fleet.Member> members = both.fleet().members().stream()
                .filter(member -> tenants.contains(member.name()))
                .toList();
        offer(product, quick(sample.descriptor()));
        for (Fleet.Member member : members) {
            planner.put(
                    "/v1/tenants/" + member.name(),
                    named(product, both.fleet().document(member, "demo-inc")),
                    "application/yaml");
            both.fleet().startTraffic(member);
        }
        return new Run(product, begin(product, to), to, members);
    }

    private void offer(String product, String descriptor) {
        planner.put("/v1/products/" + product, named(product, descriptor), "application/yaml");
        for (String version : Sample.VERSIONS) {
            planner.put(
                    "/v1/products/" + product + "/releases/" + version,
                    named(product, sample.manifest(version)),
                    "application/yaml");
        }
    }

    /** Lets a release go out; returns the rollout's id. */
    String begin(String product, String to) {
        return planner.post(
                        "/v1/rollouts",
                        new ObjectMapper()
                                .createObjectNode()
                                .put("product", product)
                                .put("version", to))
                .path("id")
                .asText();
    }

    /**
     * Registers tenants of a product of this name that are on paper only: none of their upgrades may begin.
     *
     * @param minor the line of the descriptor that keeps them from it
     */
    void register(String product, int tenants, String minor) throws Exception {
        String line = "minor: {schema-change: true, consent: false, notice: PT0S}";
        assertThat(sample.descriptor()).contains(line);
        offer(product, sample.descriptor().replace(line, minor));
        Fleet.Member like = both.fleet().members().getFirst();
        String document = named(product, both.fleet().document(like, "demo-inc"));
        try (ExecutorService threads = Executors.newFixedThreadPool(REGISTERED_AT_ONCE)) {
            List<Future<JsonNode>> registered = new ArrayList<>();
            for (int i = 0; i < tenants; i++) {
                String name = "%s-%04d".formatted(product, i);
                registered.add(threads.submit(() -> planner.put(
                        "/v1/tenants/" + name,
                        document.replace("tenant: " + like.name(), "tenant: " + name),
                        "application/yaml")));
            }
            for (Future<JsonNode> one : registered) {
                one.get();
            }
        }
    }

    /** How many upgrades of a rollout the planner's database holds, whether the planner runs or not. */
    long upgradesKept(String rollout) throws SQLException {
        try (Connection connection = suite().postgres().connect("planner");
                PreparedStatement count =
                        connection.prepareStatement("select count(*) from upgrade where rollout = ?")) {
            count.setString(1, rollout);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** How many tenants of a rollout wait. */
    int waiting(String rollout) {
        int waiting = 0;
        for (JsonNode ring : planner.get("/v1/rollouts/" + rollout).path("rings")) {
            waiting += ring.path("waiting").asInt();
        }
        return waiting;
    }

    private static String named(String product, String document) {
        return document.replace("product: " + Sample.PRODUCT, "product: " + product);
    }

    private static String quick(String descriptor) {
        String quick = descriptor;
        for (Map.Entry<String, String> span : SHORTER.entrySet()) {
            assertThat(quick).as("the sample's descriptor").contains(span.getKey());
            quick = quick.replace(span.getKey(), span.getValue());
        }
        return quick;
    }

    /** Returns when a tenant's step with this action was asked for. */
    void awaitBegun(Run run, String tenant, String action) {
        awaitBegun(run, tenant, action, "upgrade-started");
    }

    /** Returns when a tenant's step with this action was asked for on its way back. */
    void awaitBegunOnTheWayBack(Run run, String tenant, String action) {
        awaitBegun(run, tenant, action, "upgrade-undoing");
    }

    private void awaitBegun(Run run, String tenant, String action, String after) {
        await().atMost(LONGEST)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> entries(run).stream()
                        .filter(entry -> entry.path("tenant").asText().equals(tenant))
                        .dropWhile(entry -> !entry.path("kind").asText().equals(after))
                        .anyMatch(entry -> entry.path("kind").asText().equals("step-requested")
                                && entry.path("text").asText().split(" ")[0].equals(action)));
    }

    /** Kills a service with SIGKILL; returns the process id that it had. */
    long kill(Service service) {
        long pid = suite().pid(service).orElseThrow();
        kill(pid);
        return pid;
    }

    /** Kills the services' PostgreSQL ({@code postgresql}) or the broker ({@code kafka}). */
    void kill(String part) {
        Long pid = suite().pids().get(part);
        assertThat(pid).as("process id of " + part).isNotNull();
        kill(pid);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    /** Returns when a killed service runs again, under another process id, and says that it is ready. */
    void awaitBack(Service service, long killed) {
        await().atMost(LONGEST)
                .until(() -> suite().pid(service).isPresent()
                        && suite().pid(service).getAsLong() != killed
                        && isReady(service));
    }

    private boolean isReady(Service service) {
        try {
            return new Api(suite().url(service), Credential.NONE)
                    .get("/q/health/ready")
                    .path("status")
                    .asText()
                    .equals("UP");
        } catch (RuntimeException notYet) {
            return false;
        }
    }

    /** The rollout has ended with every tenant confirmed, every step done once, every write found, and it was told. */
    void assertConfirmedAsIfNothingHadHappened(Run run) throws Exception {
        assertEnded(run, "confirmed", run.to());
        for (Fleet.Member member : run.members()) {
            assertEveryWriteIsThere(member, List.of());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(subjectsOf(member.name()))
                            .as("mails about " + member.name())
                            .anyMatch(subject -> subject.contains("runs " + run.product() + " " + run.to())));
        }
    }

    /** The rollout has ended with every tenant back where it was, every step done once, every write found or itemised. */
    void assertBackAsIfNothingHadHappened(Run run) throws Exception {
        assertEnded(run, "rolled-back", from);
        for (Fleet.Member member : run.members()) {
            JsonNode facts =
                    planner.get("/v1/tenants/" + member.name() + "/upgrade").path("facts");
            assertThat(facts.path("gap.report").asText())
                    .as("gap report of " + member.name())
                    .isNotEmpty();
            assertEveryWriteIsThere(
                    member, List.of(Path.of(facts.path("gap.report").asText())));
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(subjectsOf(member.name()))
                            .as("mails about " + member.name())
                            .anyMatch(subject -> subject.contains("was rolled back")));
        }
    }

    private void assertEnded(Run run, String state, String version) throws Exception {
        await().atMost(LONGEST).until(() -> hasEnded(run));
        for (Fleet.Member member : run.members()) {
            both.fleet().stopTraffic(member);
        }
        assertThat(states(run)).hasSize(run.members().size()).containsOnly(state);
        for (Fleet.Member member : run.members()) {
            assertThat(planner.get("/v1/tenants/" + member.name())
                            .path("version")
                            .asText())
                    .isEqualTo(version);
            assertThat(successes(run, member.name()).values())
                    .as("steps of " + member.name())
                    .isNotEmpty()
                    .containsOnly(1);
        }
    }

    private void assertEveryWriteIsThere(Fleet.Member member, List<Path> gapReports) throws Exception {
        Account account = both.fleet().account(member, gapReports);
        assertThat(account.missing()).as("missing writes of " + member.name()).isEmpty();
        assertThat(account.unasked()).as("refused writes of " + member.name()).isEmpty();
        assertThat(account.acknowledged()).isPositive();
    }

    private boolean hasEnded(Run run) {
        try {
            JsonNode rollout = planner.get("/v1/rollouts/" + run.rollout());
            return !rollout.path("state").asText().equals("running")
                    && states(run).stream().noneMatch(List.of("running", "undoing", "closing")::contains);
        } catch (RuntimeException away) {
            // The planner or its database may be what was killed.
            return false;
        }
    }

    private List<String> states(Run run) {
        List<String> states = new ArrayList<>();
        planner.get("/v1/rollouts/" + run.rollout())
                .path("upgrades")
                .forEach(upgrade -> states.add(upgrade.path("state").asText()));
        return states;
    }

    /** How often each of a tenant's steps was done. */
    private Map<String, Integer> successes(Run run, String tenant) {
        Map<String, Integer> times = new HashMap<>();
        for (JsonNode entry : entries(run)) {
            if (entry.path("tenant").asText().equals(tenant)
                    && entry.path("kind").asText().equals("step-succeeded")) {
                times.merge(entry.path("step").asText(), 1, Integer::sum);
            }
        }
        return times;
    }

    private List<JsonNode> entries(Run run) {
        return entries(run.rollout());
    }

    /** All lines of a rollout's timeline. */
    List<JsonNode> entries(String rollout) {
        List<JsonNode> entries = new ArrayList<>();
        String cursor = "";
        JsonNode page;
        do {
            page = planner.get("/v1/rollouts/" + rollout + "/timeline?limit=" + PAGE
                    + (cursor.isEmpty() ? "" : "&after=" + cursor));
            page.path("entries").forEach(entries::add);
            cursor = page.path("next").asText();
        } while (page.path("entries").size() == PAGE);
        return entries;
    }

    private List<String> subjectsOf(String tenant) {
        return mailbox.mails().stream()
                .map(Mailbox.Mail::subject)
                .filter(subject -> subject.contains(tenant))
                .toList();
    }

    /** One tenant for each, in one ring. */
    static Map<String, String> oneFor(String prefix, List<String> words, String ring) {
        Map<String, String> tenants = new LinkedHashMap<>();
        words.forEach(word -> tenants.put(prefix + word, ring));
        return tenants;
    }

    @Override
    public void close() {
        both.close();
        mailbox.close();
    }
}
