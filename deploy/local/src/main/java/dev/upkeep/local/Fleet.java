package dev.upkeep.local;

import dev.upkeep.embedded.Child;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import dev.upkeep.sample.writer.Account;
import dev.upkeep.sample.writer.Accounting;
import dev.upkeep.sample.writer.Traffic;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;

/**
 * Tenants of the sample product, each a process with a database of its own behind a gate of its own, under traffic.
 *
 * <p>They are set up as an owner would who installed the first release by hand and then hands the tenant over: the
 * program under the driver's folder, the process marked with its folder, version and token.
 */
public final class Fleet implements AutoCloseable {
    private static final Duration UP = Duration.ofSeconds(60);
    private static final double WRITES_A_SECOND = 8;

    private final Path state;
    private final Sample sample;
    private final String version;
    private final Postgres server;
    private final Map<String, Member> members = new LinkedHashMap<>();

    private Fleet(Path state, Sample sample, String version, Postgres server) {
        this.state = state;
        this.sample = sample;
        this.version = version;
        this.server = server;
    }

    /** One tenant: where it is. */
    record Member(String name, String ring, int port, int gate, int admin, Child gateProcess, List<Traffic> traffic) {}

    /** Starts a fleet at the first release. */
    static Fleet start(Path state, Sample sample, Map<String, String> tenants) {
        return start(state, sample, Sample.VERSIONS.getFirst(), tenants);
    }

    /**
     * Starts a fleet.
     *
     * @param version that all of it runs
     * @param tenants each with its ring, in the order they are shown
     */
    static Fleet start(Path state, Sample sample, String version, Map<String, String> tenants) {
        endLeftovers(state);
        Postgres server = Postgres.at(state.resolve("postgresql"))
                .durable()
                .setting("wal_level", "logical")
                .setting("max_replication_slots", "32")
                .setting("max_wal_senders", "32")
                .setting("max_connections", "200")
                .start();
        Fleet fleet = new Fleet(state, sample, version, server);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Member>> starting = new ArrayList<>();
            tenants.forEach((name, ring) -> starting.add(each.submit(() -> fleet.startMember(name, ring))));
            for (Future<Member> future : starting) {
                Member member = future.get();
                fleet.members.put(member.name(), member);
            }
            return fleet;
        } catch (ExecutionException e) {
            fleet.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fleet.close();
            throw new LocalFailure("interrupted while the fleet started", "start it again", e);
        }
    }

    List<Member> members() {
        return List.copyOf(members.values());
    }

    /** The tenant as a document to register it with. */
    String document(Member member, String account) {
        Path password = passwordOf(member.name());
        return """
                tenant: %1$s
                account: %2$s
                product: %3$s
                version: %4$s
                model: saas
                ring: %5$s
                components:
                  database:
                    settings:
                      url: %6$s
                      user: %7$s
                      password: file:%8$s
                  app:
                    settings:
                      home: %9$s
                      port: "%10$d"
                      env.PORT: "%10$d"
                      env.DATABASE_URL: %6$s
                      env.DATABASE_USER: %1$s
                      env.DATABASE_PASSWORD: file:%11$s
                  gate:
                    settings:
                      admin: http://%12$s:%13$d
                """.formatted(
                        member.name(),
                        account,
                        Sample.PRODUCT,
                        version,
                        member.ring(),
                        server.jdbcUrl(member.name()),
                        server.user(),
                        state.resolve("secrets").resolve("superuser"),
                        homeOf(member.name()),
                        member.port(),
                        password,
                        Port.HOST,
                        member.admin());
    }

    /** Puts every tenant under steady traffic through its gate. */
    void startTraffic() throws IOException {
        for (Member member : members.values()) {
            startTraffic(member);
        }
    }

    void startTraffic(Member member) throws IOException {
        long seed = member.name().hashCode();
        member.traffic()
                .add(Traffic.start(
                        URI.create("http://" + Port.HOST + ":" + member.gate()),
                        journalOf(member.name()),
                        new Traffic.Pace(WRITES_A_SECOND, 40, 2, seed),
                        TheClock.system()));
    }

    /** Ends the traffic; every write has its answer or its time-out when this returns. */
    void stopTraffic() throws IOException {
        for (Member member : members.values()) {
            stopTraffic(member);
        }
    }

    void stopTraffic(Member member) throws IOException {
        for (Traffic traffic : member.traffic()) {
            traffic.close();
        }
    }

    Traffic.Counts counts(Member member) {
        return member.traffic().getFirst().counts();
    }

    /** Asks of every acknowledged write where it is. */
    Account account(Member member, List<Path> gapReports) throws IOException, SQLException {
        return Accounting.check(
                journalOf(member.name()), server.jdbcUrl(member.name()), server.user(), server.password(), gapReports);
    }

    Path journalOf(String tenant) {
        return state.resolve("tenants").resolve(tenant).resolve("journal.jsonl");
    }

    private Path homeOf(String tenant) {
        return state.resolve("tenants").resolve(tenant).resolve("app");
    }

    private Path passwordOf(String tenant) {
        return state.resolve("secrets").resolve(tenant);
    }

    private Member startMember(String name, String ring) throws IOException, SQLException, InterruptedException {
        Files.createDirectories(state.resolve("secrets"));
        String superuser = server.password();
        Path superuserFile = state.resolve("secrets").resolve("superuser");
        synchronized (this) {
            if (!Files.exists(superuserFile)) {
                Files.writeString(superuserFile, superuser);
                Files.setPosixFilePermissions(
                        superuserFile, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
            }
        }
        String password = Secret.at(passwordOf(name));
        server.createDatabase(name, name, password);
        // Upkeep migrates as the server's owner; what it makes, the tenant's own role may use.
        try (Connection connection = server.connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute("alter default privileges grant all on tables to \"" + name + "\"");
            statement.execute("alter default privileges grant all on sequences to \"" + name + "\"");
        }
        installSchema(name, password);
        Path home = homeOf(name);
        Path artifact = home.resolve("releases").resolve(version).resolve("artifact.jar");
        Files.createDirectories(artifact.getParent());
        Files.createDirectories(home.resolve("run"));
        Files.copy(sample.jar(version), artifact);
        int port = Port.free();
        int gate = Port.free();
        int admin = Port.free();
        startProcess(name, home, artifact, port, password);
        Path gateState = state.resolve("tenants").resolve(name).resolve("gate");
        Files.createDirectories(gateState);
        Child gateProcess = Child.named("gate of " + name, gateState.resolve("gate.log"))
                .pidFile(gateState.resolve("pid"))
                .start(List.of(
                        java(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx32m",
                        "-jar",
                        sample.gate().toString(),
                        "LISTEN=" + Port.HOST + ":" + gate,
                        "UPSTREAM=http://" + Port.HOST + ":" + port,
                        "ADMIN=" + Port.HOST + ":" + admin,
                        "STATE=" + gateState));
        awaitAccepting(name, port);
        awaitAccepting("the gate of " + name, gate);
        awaitAccepting("the gate of " + name, admin);
        return new Member(name, ring, port, gate, admin, gateProcess, new ArrayList<>());
    }

    private void installSchema(String tenant, String password) throws MalformedURLException, IOException {
        try (URLClassLoader release =
                new URLClassLoader(new URL[] {sample.jar(version).toUri().toURL()}, Flyway.class.getClassLoader())) {
            Flyway.configure(release)
                    .dataSource(server.jdbcUrl(tenant), tenant, password)
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
        }
    }

    private void startProcess(String tenant, Path home, Path artifact, int port, String password) throws IOException {
        ProcessBuilder process = new ProcessBuilder(
                        "setsid",
                        java(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx48m",
                        "-jar",
                        artifact.toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        Redirect.appendTo(home.resolve("run/component.log").toFile()))
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
        Map<String, String> environment = process.environment();
        environment.put("UPKEEP_HOME", home.toString());
        environment.put("UPKEEP_VERSION", version);
        environment.put("UPKEEP_TOKEN", "1");
        environment.put("PORT", Integer.toString(port));
        environment.put("DATABASE_URL", server.jdbcUrl(tenant));
        environment.put("DATABASE_USER", tenant);
        environment.put("DATABASE_PASSWORD", password);
        process.start();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static void awaitAccepting(String what, int port) throws InterruptedException {
        long deadline = System.nanoTime() + UP.toNanos();
        while (System.nanoTime() < deadline) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(Port.HOST, port), 500);
                return;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new LocalFailure(what + " does not accept connections on port " + port, "see the logs below tenants/");
    }

    /** Ends the processes of tenants whose home is below a state directory, whoever started them. */
    static void endLeftovers(Path state) {
        String mark = "UPKEEP_HOME=" + state.resolve("tenants");
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            List<ProcessHandle> ours =
                    all.filter(process -> hasMark(process.pid(), mark)).toList();
            ours.forEach(ProcessHandle::destroy);
            for (ProcessHandle process : ours) {
                try {
                    process.onExit().get(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                } catch (ExecutionException | java.util.concurrent.TimeoutException stillThere) {
                    process.destroyForcibly();
                }
            }
        }
    }

    private static boolean hasMark(long pid, String mark) {
        try {
            String environment =
                    Files.readString(Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
            return Stream.of(environment.split("\0")).anyMatch(variable -> variable.startsWith(mark));
        } catch (IOException goneOrNotOurs) {
            return false;
        }
    }

    @Override
    public void close() {
        members.values().forEach(member -> member.gateProcess().askToStop());
        endLeftovers(state);
        members.values().forEach(member -> member.gateProcess().close());
        server.close();
    }
}
