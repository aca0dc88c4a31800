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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
    private final List<Check> checks = new ArrayList<>();

    /** Something that must be true for the demo to have gone well. */
    private record Check(String what, boolean holds, String found) {}

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
        Fleet.endLeftovers(state);
        empty(state);
        terminal.line(
                "Starting PostgreSQL, Kafka, four services and six tenants; everything is kept in " + state + " …");
        try (Mailbox mailbox = Mailbox.open();
                SlackChannel slack = SlackChannel.open();
                Both both = Both.start(
                        () -> Suite.of(home, state)
                                .telling(line -> terminal.line(terminal.note("  " + line)))
                                .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", "127.0.0.1")
                                .environment(
                                        Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_PORT", Integer.toString(mailbox.port()))
                                .start(),
                        () -> Fleet.start(state.resolve("fleet"), sample, tenants(sample.rings())))) {
            terminal.line(terminal.dim("up after " + Timeline.clock(Duration.between(began, clock.instant()))));
            Demo demo = new Demo(terminal, both.suite(), both.fleet(), sample, mailbox, slack, clock);
            boolean well = demo.play();
            mailbox.saveTo(state.resolve("mail"));
            slack.saveTo(state.resolve("slack.jsonl"));
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
        Map<String, String> rings = new LinkedHashMap<>();
        fleet.members().forEach(member -> rings.put(member.name(), member.ring()));
        Timeline timeline = new Timeline(planner, terminal, rings, clock.instant());

        terminal.title("1. " + GOOD + " adds a column: ring by ring to everybody");
        JsonNode good = rollOut(GOOD, timeline);
        terminal.title(
                "2. " + BAD + " drops a column and answers every fifth request with 500, its health endpoint green");
        JsonNode bad = rollOut(BAD, timeline);
        fleet.stopTraffic();

        check(
                "every tenant was confirmed on " + GOOD,
                states(good).stream().allMatch("confirmed"::equals),
                states(good).toString());
        check("the rollout of " + BAD + " was stopped", text(bad, "state").equals("stopped"), text(bad, "state"));
        checkTheWayBack(bad);
        checkWrites(bad);
        awaitNotices();
        summary();
        return checks.stream().allMatch(Check::holds);
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
            JsonNode rollout = planner.get("/v1/rollouts/" + id);
            boolean moving = states(rollout).stream()
                    .anyMatch(s -> s.equals("running") || s.equals("undoing") || s.equals("closing"));
            String state = text(rollout, "state");
            if (!moving && (state.equals("finished") || state.equals("stopped") || state.equals("aborted"))) {
                timeline.printNew();
                return rollout;
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
        throw new LocalFailure(
                "the rollout of " + version + " has not ended after " + LONGEST_ROLLOUT.toMinutes() + " minutes",
                "see the logs in " + suite.state().resolve("log"));
    }

    private void checkTheWayBack(JsonNode bad) {
        for (JsonNode upgrade : bad.path("upgrades")) {
            String tenant = text(upgrade, "tenant");
            boolean first = tenant.equals(fleet.members().getFirst().name());
            String state = text(upgrade, "state");
            if (!first) {
                check(tenant + " was never touched by " + BAD, state.equals("waiting"), state);
                continue;
            }
            check(tenant + " was rolled back", state.equals("rolled-back"), state);
            JsonNode shown = planner.get("/v1/upgrades/" + text(upgrade, "id"));
            List<String> done = new ArrayList<>();
            shown.path("runs").forEach(run -> {
                if (text(run, "outcome").equals("succeeded")) {
                    done.add(text(run, "action"));
                }
            });
            check(tenant + " went back by the restore route", done.contains("restore-database"), done.toString());
            String because = shown.path("because").toString();
            check(
                    "the verdict names the error ratio with its figures",
                    because.contains("error-ratio") && because.contains(" of "),
                    because);
        }
        for (Fleet.Member member : fleet.members()) {
            String version = text(planner.get("/v1/tenants/" + member.name()), "version");
            check(member.name() + " is recorded at " + GOOD, version.equals(GOOD), version);
            String found = text(new Api("http://127.0.0.1:" + member.gate(), Credential.NONE).get("/version"), "version");
            check(member.name() + " answers as " + GOOD + " through its gate", found.equals(GOOD), found);
        }
    }

    private void checkWrites(JsonNode bad) throws IOException, SQLException {
        Map<String, List<Path>> reports = gapReports(bad);
        List<List<String>> rows = new ArrayList<>();
        for (Fleet.Member member : fleet.members()) {
            List<Path> own = reports.getOrDefault(member.name(), List.of());
            Account account = fleet.account(member, own);
            rows.add(List.of(
                    member.name(),
                    member.ring(),
                    Long.toString(account.acknowledged()),
                    Long.toString(account.found()),
                    Long.toString(account.itemised()),
                    Integer.toString(account.missing().size()),
                    Long.toString(fleet.counts(member).parked())));
            check(
                    "every acknowledged write of " + member.name() + " is found or itemised",
                    account.whole() && account.acknowledged() > 0,
                    account.acknowledged() + " acknowledged, "
                            + account.missing().size() + " missing");
            check(
                    "no write that " + member.name() + " refused is in its database",
                    account.unasked().isEmpty(),
                    account.unasked().toString());
        }
        boolean gap =
                reports.values().stream().flatMap(List::stream).allMatch(Files::isRegularFile) && !reports.isEmpty();
        check("there is a gap report of the restored tenant", gap, reports.toString());
        terminal.title("Writes");
        terminal.table(
                List.of("TENANT", "RING", "ACKNOWLEDGED", "FOUND", "ITEMISED", "MISSING", "TOLD TO COME BACK"), rows);
        reports.forEach(
                (tenant, files) -> files.forEach(file -> terminal.line("  gap report of " + tenant + ": " + file)));
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
    private void awaitNotices() throws InterruptedException {
        Instant deadline = clock.instant().plusSeconds(20);
        while (clock.instant().isBefore(deadline)
                && !(toldOfTheWayBack(subjects()) && toldOfTheWayBack(slack.texts()))) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
        check(
                "a mail told of the way back",
                toldOfTheWayBack(subjects()),
                subjects().size() + " mails");
        check(
                "a Slack message told of the way back",
                toldOfTheWayBack(slack.texts()),
                slack.texts().size() + " messages");
    }

    private List<String> subjects() {
        return mailbox.mails().stream().map(Mailbox.Mail::subject).toList();
    }

    private boolean toldOfTheWayBack(List<String> texts) {
        String tenant = fleet.members().getFirst().name();
        return texts.stream()
                .anyMatch(t -> t.contains(tenant)
                        && t.toLowerCase(java.util.Locale.ROOT).contains("rolled back"));
    }

    private void summary() {
        terminal.title("Mails (" + mailbox.mails().size() + ", kept in "
                + suite.state().resolve("mail") + ")");
        mailbox.mails().forEach(mail -> terminal.line("  to " + mail.to() + ": " + mail.subject()));
        terminal.title("Slack (" + slack.texts().size() + ")");
        slack.texts().forEach(text -> terminal.line("  " + text));
        terminal.title("Checked");
        checks.forEach(check -> terminal.line("  "
                + (check.holds()
                        ? terminal.good("✔") + " " + check.what()
                        : terminal.bad("✗ " + check.what()) + ": found " + check.found())));
    }

    private void check(String what, boolean holds, String found) {
        checks.add(new Check(what, holds, found));
    }

    private static List<String> states(JsonNode rollout) {
        List<String> states = new ArrayList<>();
        rollout.path("upgrades").forEach(upgrade -> states.add(text(upgrade, "state")));
        return states;
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    private static void empty(Path state) {
        if (!Files.exists(state)) {
            return;
        }
        try (Stream<Path> below = Files.walk(state)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new LocalFailure(
                    "can't empty " + state + ": " + e.getMessage(),
                    "is another demo running? stop it, or name another directory",
                    e);
        }
    }

    /** The suite and the fleet, started side by side, stopped one after the other. */
    private record Both(Suite suite, Fleet fleet) implements AutoCloseable {
        static Both start(java.util.function.Supplier<Suite> suite, java.util.function.Supplier<Fleet> fleet) {
            CompletableFuture<Suite> first = CompletableFuture.supplyAsync(suite, Thread::startVirtualThread);
            CompletableFuture<Fleet> second = CompletableFuture.supplyAsync(fleet, Thread::startVirtualThread);
            try {
                CompletableFuture.allOf(first, second).join();
                return new Both(first.join(), second.join());
            } catch (CompletionException e) {
                if (!first.isCompletedExceptionally()) {
                    first.join().close();
                }
                if (!second.isCompletedExceptionally()) {
                    second.join().close();
                }
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }

        @Override
        public void close() {
            fleet.close();
            suite.close();
        }
    }
}
