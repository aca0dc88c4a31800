package dev.upkeep.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.cli.Api;
import dev.upkeep.cli.Credential;
import dev.upkeep.sample.writer.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./upkeep demo}: a good release goes to six tenants in three rings, a bad one is caught at the first and comes
 * back whole, and every acknowledged write is looked for.
 *
 * <p>It says it went well only if all of that was checked and true: each check is a line of its own.
 */
final class Demo {
    private static final Duration LONGEST_ROLLOUT = Duration.ofMinutes(6);
    private static final String GOOD = "1.1.0";
    private static final String BAD = "1.2.0";
    private static final String ACCOUNT = "demo-inc";

    private final Terminal terminal;
    private final Suite suite;
    private final Fleet fleet;
    private final Sample sample;
    private final Mailbox mailbox;
    private final SlackChannel slack;
    private final Api planner;
    private final Api notifier;
    private final InstantSource clock;
    private final Checks checks = new Checks();
    private final Board board;
    private final Map<String, List<String>> outcomes = new LinkedHashMap<>();

    private Demo(
            Terminal terminal,
            Suite suite,
            Fleet fleet,
            Sample sample,
            Mailbox mailbox,
            SlackChannel slack,
            InstantSource clock) {
        this.terminal = terminal;
        this.suite = suite;
        this.fleet = fleet;
        this.sample = sample;
        this.mailbox = mailbox;
        this.slack = slack;
        this.planner = suite.api(Service.PLANNER);
        this.notifier = suite.api(Service.NOTIFIER);
        this.clock = clock;
        Map<String, String> rings = new LinkedHashMap<>();
        fleet.members().forEach(member -> rings.put(member.name(), member.ring()));
        this.board = new Board(rings, Sample.VERSIONS.getFirst(), id -> planner.get("/v1/upgrades/" + id));
    }

    static int run(Path home, Path state, Terminal terminal) throws InterruptedException {
        InstantSource clock = TheClock.system();
        Instant began = clock.instant();
        CountDownLatch finished = new CountDownLatch(1);
        Thread self = Thread.currentThread();
        // Ctrl-C: interrupt the demo, then wait until it has taken everything down.
        Thread onSignal = Thread.ofPlatform().unstarted(() -> {
            self.interrupt();
            Up.awaitQuietly(finished);
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        Sample sample = new Sample(home);
        try (Claim claim = Claim.on(state, "demo", home.resolve(".upkeep"))) {
            Fleet.endLeftovers(state.resolve("fleet"));
            claim.empty();
            terminal.line("Starting PostgreSQL, Kafka, four services and six tenants; everything is kept in "
                    + Terminal.path(state) + " …");
            boolean well = play(home, state, sample, terminal, clock, began);
            terminal.line("");
            terminal.line((well ? terminal.good("✔ all of it is true") : terminal.bad("✗ not all of it is true"))
                    + "; it took " + Timeline.clock(Duration.between(began, clock.instant())));
            return well ? 0 : 1;
        } catch (IOException | SQLException e) {
            throw new LocalFailure("the demo broke off: " + e.getMessage(), "see the logs in " + state, e);
        } finally {
            finished.countDown();
        }
    }

    private static boolean play(
            Path home, Path state, Sample sample, Terminal terminal, InstantSource clock, Instant began)
            throws InterruptedException, IOException, SQLException {
        try (Mailbox mailbox = Mailbox.keepingIn(state.resolve("mail"), mail -> {});
                SlackChannel slack = SlackChannel.open();
                Both both = Both.start(
                        () -> Suite.of(home, state)
                                .telling(line -> terminal.line(terminal.note("! " + line)))
                                .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", "127.0.0.1")
                                .environment(
                                        Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_PORT", Integer.toString(mailbox.port()))
                                .start(),
                        () -> Fleet.start(state.resolve("fleet"), sample, tenants(sample.rings())))) {
            terminal.line(terminal.dim("up after " + Timeline.clock(Duration.between(began, clock.instant()))));
            Demo demo = new Demo(terminal, both.suite(), both.fleet(), sample, mailbox, slack, clock);
            boolean well = demo.play();
            slack.saveTo(state.resolve("slack.jsonl"));
            return well;
        } finally {
            terminal.footer(List.of());
        }
    }

    private static Map<String, String> tenants(List<String> rings) {
        if (rings.size() != 3) {
            throw new LocalFailure(
                    "the sample's descriptor has the rings " + rings, "give it three, as the demo tells of");
        }
        Map<String, String> tenants = new LinkedHashMap<>();
        tenants.put("rehearse", rings.get(0));
        tenants.put("finch", rings.get(1));
        for (String name : List.of("heron", "kestrel", "osprey", "plover")) {
            tenants.put(name, rings.get(2));
        }
        return tenants;
    }

    private boolean play() throws InterruptedException, IOException, SQLException {
        register();
        fleet.startTraffic();
        Timeline timeline = new Timeline(planner, terminal, board, clock.instant());

        terminal.title("1. " + GOOD + " adds a column: ring by ring to everybody");
        JsonNode good = rollOut(GOOD, timeline);
        terminal.title(
                "2. " + BAD + " drops a column and answers every fifth request with 500, its health endpoint green");
        JsonNode bad = rollOut(BAD, timeline);
        fleet.stopTraffic();

        checks.add(
                "every tenant was confirmed on " + GOOD,
                "",
                states(good).stream().allMatch("confirmed"::equals),
                states(good).toString());
        checks.add(
                "the rollout of " + BAD + " was stopped", "", text(bad, "state").equals("stopped"), text(bad, "state"));
        checkTheWayBack(bad);
        Map<String, List<Path>> reports = gapReports(bad);
        Map<String, Account> accounts = accounts(reports);
        awaitNotices()
                .print(terminal, suite.state().resolve("mail"), suite.state().resolve("slack.jsonl"));
        summary(accounts);
        reports.forEach((tenant, files) ->
                files.forEach(file -> terminal.line("  gap report of " + tenant + ": " + Terminal.path(file))));
        terminal.title("Checked");
        checks.print(terminal);
        return checks.allHold();
    }

    private void register() {
        planner.put("/v1/products/" + Sample.PRODUCT, sample.descriptor(), "application/yaml");
        for (String version : Sample.VERSIONS) {
            planner.put(
                    "/v1/products/" + Sample.PRODUCT + "/releases/" + version,
                    sample.manifest(version),
                    "application/yaml");
        }
        for (Fleet.Member member : fleet.members()) {
            planner.put("/v1/tenants/" + member.name(), fleet.document(member, ACCOUNT), "application/yaml");
        }
        subscribe("ops-mail", "mail", "ops@example.com");
        subscribe("ops-slack", "slack", slack.url());
    }

    private void subscribe(String id, String channel, String to) {
        ObjectNode subscription = new ObjectMapper().createObjectNode();
        subscription.put("id", id).put("channel", channel).put("to", to).put("product", Sample.PRODUCT);
        notifier.put("/v1/subscriptions/" + id, subscription.toString(), "application/json");
    }

    /** Starts a rollout, prints what happens, and returns it as it has ended. */
    private JsonNode rollOut(String version, Timeline timeline) throws InterruptedException {
        JsonNode started = planner.post(
                "/v1/rollouts",
                new ObjectMapper()
                        .createObjectNode()
                        .put("product", Sample.PRODUCT)
                        .put("version", version));
        String id = text(started, "id");
        Instant deadline = clock.instant().plus(LONGEST_ROLLOUT);
        while (clock.instant().isBefore(deadline)) {
            timeline.printNew();
            terminal.footer(board.lines(terminal, clock.instant(), traffic()));
            JsonNode rollout = planner.get("/v1/rollouts/" + id);
            boolean moving = states(rollout).stream()
                    .anyMatch(s -> s.equals("running") || s.equals("undoing") || s.equals("closing"));
            String state = text(rollout, "state");
            if (!moving && (state.equals("finished") || state.equals("stopped") || state.equals("aborted"))) {
                timeline.printNew();
                terminal.footer(List.of());
                fleet.members()
                        .forEach(member -> outcomes.computeIfAbsent(member.name(), name -> new ArrayList<>())
                                .add(board.outcome(member.name())));
                return rollout;
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
        throw new LocalFailure(
                "the rollout of " + version + " has not ended after " + LONGEST_ROLLOUT.toMinutes() + " minutes",
                "see the logs in " + suite.state().resolve("log"));
    }

    private String traffic() {
        long writes = 0;
        long parked = 0;
        for (Fleet.Member member : fleet.members()) {
            writes += fleet.counts(member).acknowledged();
            parked += fleet.counts(member).parked();
        }
        return writes + " writes acknowledged, " + parked + " told to come back; "
                + mailbox.mails().size() + " mails and " + slack.texts().size() + " Slack messages sent";
    }

    private void checkTheWayBack(JsonNode bad) {
        for (JsonNode upgrade : bad.path("upgrades")) {
            String tenant = text(upgrade, "tenant");
            boolean first = tenant.equals(fleet.members().getFirst().name());
            String state = text(upgrade, "state");
            if (!first) {
                checks.add("never touched by " + BAD, tenant, state.equals("waiting"), state);
                continue;
            }
            checks.add("rolled back from " + BAD, tenant, state.equals("rolled-back"), state);
            JsonNode shown = planner.get("/v1/upgrades/" + text(upgrade, "id"));
            List<String> done = new ArrayList<>();
            shown.path("runs").forEach(run -> {
                if (text(run, "outcome").equals("succeeded")) {
                    done.add(text(run, "action"));
                }
            });
            checks.add("went back by the restore route", tenant, done.contains("restore-database"), done.toString());
            String because = shown.path("because").toString();
            checks.add(
                    "the verdict names the error ratio with its figures",
                    tenant,
                    because.contains("error-ratio") && because.contains(" of "),
                    because);
        }
        for (Fleet.Member member : fleet.members()) {
            String version = text(planner.get("/v1/tenants/" + member.name()), "version");
            checks.add("recorded at " + GOOD, member.name(), version.equals(GOOD), version);
            String found =
                    text(new Api("http://127.0.0.1:" + member.gate(), Credential.NONE).get("/version"), "version");
            checks.add("answers as " + GOOD + " through its gate", member.name(), found.equals(GOOD), found);
        }
    }

    private Map<String, Account> accounts(Map<String, List<Path>> reports) throws IOException, SQLException {
        Map<String, Account> accounts = new LinkedHashMap<>();
        for (Fleet.Member member : fleet.members()) {
            Account account = fleet.account(member, reports.getOrDefault(member.name(), List.of()));
            accounts.put(member.name(), account);
            checks.add(
                    "every acknowledged write is found or itemised",
                    member.name(),
                    account.whole() && account.acknowledged() > 0,
                    account.acknowledged() + " acknowledged, "
                            + account.missing().size() + " missing");
            checks.add(
                    "no refused write is in the database",
                    member.name(),
                    account.unasked().isEmpty(),
                    account.unasked().toString());
        }
        boolean gap =
                reports.values().stream().flatMap(List::stream).allMatch(Files::isRegularFile) && !reports.isEmpty();
        checks.add("there is a gap report of the restored tenant", "", gap, reports.toString());
        return accounts;
    }

    private Map<String, List<Path>> gapReports(JsonNode rollout) {
        Map<String, List<Path>> reports = new LinkedHashMap<>();
        for (JsonNode upgrade : rollout.path("upgrades")) {
            if (text(upgrade, "state").equals("rolled-back")) {
                String report =
                        text(planner.get("/v1/upgrades/" + text(upgrade, "id")).path("facts"), "gap.report");
                if (!report.isEmpty()) {
                    reports.computeIfAbsent(text(upgrade, "tenant"), t -> new ArrayList<>())
                            .add(Path.of(report));
                }
            }
        }
        return reports;
    }

    /** Notices travel behind the upgrade: the last ones may still be under way. */
    private Told awaitNotices() throws InterruptedException {
        String tenant = fleet.members().getFirst().name();
        Instant deadline = clock.instant().plusSeconds(20);
        Told told = Told.of(mailbox, slack);
        while (clock.instant().isBefore(deadline) && !told.ofTheWayBack(tenant)) {
            TimeUnit.MILLISECONDS.sleep(200);
            told = Told.of(mailbox, slack);
        }
        String found = told.mails().size() + " mails, " + told.slack().size() + " Slack messages";
        checks.add("a mail told of the way back", "", told.mailedOfTheWayBack(tenant), found);
        checks.add("a Slack message told of the way back", "", told.postedOfTheWayBack(tenant), found);
        return told;
    }

    private void summary(Map<String, Account> accounts) {
        List<List<String>> rows = new ArrayList<>();
        for (Fleet.Member member : fleet.members()) {
            Account account = accounts.get(member.name());
            if (account == null) {
                throw new IllegalStateException("nobody asked for the writes of " + member.name());
            }
            List<String> row = new ArrayList<>(List.of(member.name(), member.ring()));
            row.addAll(outcomes.getOrDefault(member.name(), List.of()));
            row.addAll(List.of(
                    Long.toString(account.acknowledged()),
                    Long.toString(account.found()),
                    Long.toString(account.itemised()),
                    Integer.toString(account.missing().size()),
                    Long.toString(fleet.counts(member).parked())));
            rows.add(row);
        }
        terminal.title("The fleet, and every write that was acknowledged");
        terminal.table(List.of("TENANT", "RING", GOOD, BAD, "WRITES", "FOUND", "ITEMISED", "MISSING", "503"), rows);
    }

    private static List<String> states(JsonNode rollout) {
        List<String> states = new ArrayList<>();
        rollout.path("upgrades").forEach(upgrade -> states.add(text(upgrade, "state")));
        return states;
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }
}
