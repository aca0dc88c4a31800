package dev.upkeep.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A PostgreSQL 15 server as a child process on 127.0.0.1.
 *
 * <p>Ordering: the state directory is locked, what a killed owner left there is stopped, the cluster is made if there is
 * none, the server is started and answers a query; only then does {@link Setup#start()} return. Failure: every way not to
 * start is a {@link StartFailure}. The server stops cleanly when its owner closes it or ends in any way.
 */
public final class Postgres implements AutoCloseable {
    private static final String PART = "PostgreSQL";
    private static final String SUPERUSER = "postgres";
    private static final String MAJOR_VERSION = "15";
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private final StateDirectory state;
    private final IntFunction<Child> serve;
    private final int port;
    private final String password;
    private volatile Child child;
    private boolean closed;

    private Postgres(StateDirectory state, IntFunction<Child> serve, Child child, int port, String password) {
        this.state = state;
        this.serve = serve;
        this.child = child;
        this.port = port;
        this.password = password;
    }

    /** A server whose state is kept in this directory, and found there again by the next start. */
    public static Setup at(Path directory) {
        return new Setup(directory);
    }

    /** A server whose state is thrown away when it has stopped. */
    public static Setup temporary() {
        return new Setup(null);
    }

    /** Where it listens, on {@link Port#HOST}. */
    public int port() {
        return port;
    }

    /** The name of its superuser. */
    public String user() {
        return SUPERUSER;
    }

    /** The password of its superuser. */
    public String password() {
        return password;
    }

    /** The JDBC address of a database, without user and password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + Port.HOST + ":" + port + "/" + database;
    }

    /** The address of a database as Quarkus' reactive client takes it, without user and password. */
    public String reactiveUrl(String database) {
        return "postgresql://" + Port.HOST + ":" + port + "/" + database;
    }

    /** What it wrote. */
    public Path log() {
        return child.log();
    }

    /** The process id of the server. */
    public OptionalLong pid() {
        return child.pid();
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return child.isAlive();
    }

    /** Waits so long for its end, and says whether that came. */
    public boolean ended(Duration within) {
        return child.ended(within);
    }

    /**
     * Starts it once more on its port, after it ended and nobody had asked it to: what was acknowledged is recovered.
     * Does nothing once it is closed. Only for one whose state is kept.
     *
     * @throws StartFailure if it does not start; it may be tried again
     */
    public synchronized void startAgain() {
        if (!closed) {
            child = serve.apply(port);
        }
    }

    /** Opens a connection as the superuser; the caller closes it. */
    public Connection connect(String database) throws SQLException {
        return connect(jdbcUrl(database), password);
    }

    /** Makes the database, owned by the superuser, unless it is there. */
    public void createDatabase(String database) throws SQLException {
        createDatabase(database, SUPERUSER);
    }

    /**
     * Makes the role, which may log in with this password, and the database that it owns and that no other role may
     * connect to, as far as they are not there. The password of a role that is there becomes the given one.
     */
    public void createDatabase(String database, String role, String rolePassword) throws SQLException {
        named("role", role);
        try (Connection connection = connect(SUPERUSER);
                Statement statement = connection.createStatement()) {
            String verb = exists(connection, "select 1 from pg_roles where rolname = ?", role) ? "alter" : "create";
            statement.execute(verb + " role \"" + role + "\" login password " + literal(statement, rolePassword));
        }
        createDatabase(database, role);
    }

    /** Allows the role to create logical replication slots (with {@code wal_level=logical}). */
    public void allowReplication(String role) throws SQLException {
        try (Connection connection = connect(SUPERUSER);
                Statement statement = connection.createStatement()) {
            statement.execute("alter role \"" + named("role", role) + "\" replication");
        }
    }

    /** Asks it to stop without waiting for its end. */
    public void askToStop() {
        child.askToStop();
    }

    /** Stops it: open transactions are rolled back, the state is written out. */
    @Override
    public synchronized void close() {
        closed = true;
        child.close();
        state.close();
    }

    private void createDatabase(String database, String owner) throws SQLException {
        named("database", database);
        try (Connection connection = connect(SUPERUSER);
                Statement statement = connection.createStatement()) {
            if (!exists(connection, "select 1 from pg_database where datname = ?", database)) {
                statement.execute("create database \"" + database + "\" owner \"" + owner + "\"");
                statement.execute("revoke all on database \"" + database + "\" from public");
            }
        }
    }

    private static boolean exists(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet found = statement.executeQuery()) {
                return found.next();
            }
        }
    }

    private static String literal(Statement statement, String value) throws SQLException {
        return statement.enquoteLiteral(value);
    }

    private static String named(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the " + what + " name '" + name
                    + "' should be lower-case letters, digits and underscores, at most 63, and start with no digit");
        }
        return name;
    }

    private static Connection connect(String url, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("ApplicationName", "upkeep-embedded");
        // Not through DriverManager, which finds no driver when another class loader loaded it first, as under Quarkus.
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("no PostgreSQL driver takes " + url);
        }
        return connection;
    }

    /** How a server is to be run. */
    public static final class Setup {
        private final @Nullable Path directory;
        private final Map<String, String> settings = new TreeMap<>();
        private int wantedPort;
        private @Nullable String givenPassword;
        private boolean durable;
        private Duration deadline = Duration.ofSeconds(90);

        private Setup(@Nullable Path directory) {
            this.directory = directory;
        }

        /** Listens on this port; 0, as it is unless told, for the port it had before or any free one. */
        public Setup port(int number) {
            this.wantedPort = number;
            return this;
        }

        /** The superuser's password; a random one, kept with the state, unless told. Counts when the state is made. */
        public Setup password(String superuserPassword) {
            this.givenPassword = superuserPassword;
            return this;
        }

        /** What was acknowledged survives the loss of power (fsync on); unless told, only the loss of a process. */
        public Setup durable() {
            this.durable = true;
            return this;
        }

        /** Any other setting of the server, for example {@code wal_level}. */
        public Setup setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** How long it may take to get ready; 90 seconds unless told. */
        public Setup deadline(Duration untilReady) {
            this.deadline = untilReady;
            return this;
        }

        /** Starts it and returns when it answers a query. */
        public Postgres start() {
            StateDirectory state = StateDirectory.open(PART, directory);
            try {
                return start(state, PostgresBinaries.unpacked());
            } catch (RuntimeException failed) {
                state.close();
                discard(state);
                throw failed;
            }
        }

        private Postgres start(StateDirectory state, Path binaries) {
            Path data = state.resolve("data");
            // Before any port is looked at: what is left over still holds the one it had.
            Leftovers.stop(Leftovers.postgresOn(data), "INT", GRACE);
            String password = password(state);
            if (!Files.exists(data)) {
                initialise(state, binaries, password);
            }
            requireOwnVersion(data);
            IntFunction<Child> serve = port -> serve(state, binaries, port, password);
            return Port.tryPorts(wantedPort, state.number("port"), PART, port -> {
                Child child = serve.apply(port);
                state.remember("port", String.valueOf(port));
                return new Postgres(state, serve, child, port, password);
            });
        }

        private Child serve(StateDirectory state, Path binaries, int port, String password) {
            // The children of a server that was killed work on for a moment; no other may start on their data.
            Leftovers.stop(Leftovers.postgresOn(state.resolve("data")), "INT", GRACE);
            forgetReusedPid(state.resolve("data"));
            Child.Order order = Child.named(PART, state.resolve("postgres.log"))
                    .in(state.path())
                    .pidFile(state.resolve("postgres.pid"))
                    .stopsOn("INT", GRACE);
            if (state.isTemporary()) {
                order.deletes(state.path());
            }
            Child child = order.start(command(binaries, state.resolve("data"), port));
            try {
                awaitReady(child, port, password);
            } catch (RuntimeException failed) {
                child.close();
                throw failed;
            }
            return child;
        }

        private String password(StateDirectory state) {
            String known = state.fact("password").orElse(null);
            if (known != null) {
                return known;
            }
            byte[] random = new byte[16];
            new SecureRandom().nextBytes(random);
            String password = givenPassword == null ? HexFormat.of().formatHex(random) : givenPassword;
            state.remember("password", password);
            return password;
        }

        // Made aside and renamed when whole: a kill in between leaves no half-made cluster behind.
        private void initialise(StateDirectory state, Path binaries, String password) {
            Path fresh = state.resolve("data.new");
            Path secret = state.resolve("password.new");
            try {
                PostgresBinaries.delete(fresh);
                Files.deleteIfExists(secret);
                Files.createFile(
                        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(secret, password);
                List<String> command = new ArrayList<>(unprivileged());
                command.add(binaries.resolve("bin/initdb").toString());
                command.addAll(List.of("--pgdata=" + fresh, "--username=" + SUPERUSER, "--pwfile=" + secret));
                command.addAll(List.of("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"));
                if (!durable) {
                    command.add("--no-sync");
                }
                try (Child initdb = Child.named("initdb", state.resolve("initdb.log"))
                        .in(state.path())
                        .stopsOn("TERM", Duration.ofSeconds(5))
                        .start(command)) {
                    if (!initdb.ended(deadline)) {
                        throw tooSlow(initdb, "initdb");
                    }
                    if (initdb.exitStatus().orElse(1) != 0) {
                        throw StartFailure.fromLastWords(PART, initdb.lastWords(), initdb.log(), 0);
                    }
                }
                Files.move(fresh, state.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw StartFailure.fromFiles(PART, fresh, e);
            } finally {
                // Under the state directory only its owner may read it, but it is not to lie there either.
                deleteQuietly(secret);
            }
        }

        private static void deleteQuietly(Path file) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException left) {
                // The next start deletes it before it writes another.
                return;
            }
        }

        private static void requireOwnVersion(Path data) {
            try {
                String version = Files.readString(data.resolve("PG_VERSION")).strip();
                if (!version.equals(MAJOR_VERSION)) {
                    throw new StartFailure(
                            StartFailure.Kind.UNREADABLE_STATE,
                            data + " was written by PostgreSQL " + version + ", and this is " + MAJOR_VERSION,
                            "dump it with that version and restore the dump here, or choose another directory");
                }
            } catch (IOException e) {
                throw new StartFailure(
                        StartFailure.Kind.UNREADABLE_STATE,
                        data + " holds no PostgreSQL cluster",
                        "move it away so that a fresh one can be made, or choose another directory",
                        e);
            }
        }

        // After a kill -9 the server's own PID file stays. PostgreSQL sees through it, except when the number has
        // meanwhile
        // gone to a process that has nothing to do with it; that no server works here is already known.
        private static void forgetReusedPid(Path data) {
            Path file = data.resolve("postmaster.pid");
            try {
                if (!Files.exists(file)) {
                    return;
                }
                List<String> lines = Files.readAllLines(file);
                long pid = lines.isEmpty() ? 0 : Long.parseLong(lines.getFirst().strip());
                if (pid <= 0 || ProcessHandle.of(pid).isPresent()) {
                    Files.delete(file);
                }
            } catch (IOException | NumberFormatException unreadable) {
                throw new StartFailure(
                        StartFailure.Kind.UNREADABLE_STATE,
                        file + " cannot be read (" + unreadable + ")",
                        "no server runs on this directory: delete that file",
                        unreadable);
            }
        }

        private List<String> command(Path binaries, Path data, int port) {
            Map<String, String> all = new TreeMap<>();
            all.put("listen_addresses", Port.HOST);
            all.put("port", String.valueOf(port));
            // Nobody uses the socket file, and its path may be longer than the kernel allows.
            all.put("unix_socket_directories", "");
            all.put("max_connections", "200");
            all.put("timezone", "UTC");
            all.put("log_timezone", "UTC");
            all.put("log_checkpoints", "off");
            String onOrOff = durable ? "on" : "off";
            all.put("fsync", onOrOff);
            all.put("full_page_writes", onOrOff);
            // Also where nothing need be durable: a slot decodes only what was written out, so with `off` a change
            // would
            // show in it some time after its commit. Without fsync it costs next to nothing.
            all.put("synchronous_commit", "on");
            all.putAll(settings);

            List<String> command = new ArrayList<>(unprivileged());
            command.add(binaries.resolve("bin/postgres").toString());
            command.addAll(List.of("-D", data.toString()));
            all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
            return command;
        }

        // PostgreSQL refuses to run as root; in a user namespace of its own it runs as nobody there, and its files
        // still
        // belong to root here.
        private static List<String> unprivileged() {
            try {
                Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
                return Integer.valueOf(0).equals(uid) ? List.of("unshare", "--user") : List.of();
            } catch (IOException e) {
                throw StartFailure.fromFiles(PART, Path.of("/proc/self"), e);
            }
        }

        private void awaitReady(Child child, int port, String password) {
            String url = "jdbc:postgresql://" + Port.HOST + ":" + port + "/" + SUPERUSER;
            long end = System.nanoTime() + deadline.toNanos();
            while (System.nanoTime() < end) {
                if (child.ended(Duration.ofMillis(50))) {
                    throw StartFailure.fromLastWords(PART, child.lastWords(), child.log(), port);
                }
                try (Connection connection = connect(url, password);
                        Statement statement = connection.createStatement()) {
                    statement.execute("select 1");
                    return;
                } catch (SQLException e) {
                    if ("28P01".equals(e.getSQLState())) {
                        throw new StartFailure(
                                StartFailure.Kind.UNREADABLE_STATE,
                                "the superuser's password in " + child.log().resolveSibling("facts.properties")
                                        + " is not the one of the database beside it",
                                "put the right one there",
                                e);
                    }
                }
            }
            throw tooSlow(child, "it");
        }

        private StartFailure tooSlow(Child child, String who) {
            return new StartFailure(
                    StartFailure.Kind.TOO_SLOW,
                    PART + " was not ready after " + deadline.toSeconds() + " s; " + who + " said:\n"
                            + child.lastWords(),
                    "read " + child.log() + "; on a busy machine allow it a longer deadline");
        }

        private static void discard(StateDirectory state) {
            if (state.isTemporary()) {
                try {
                    PostgresBinaries.delete(state.path());
                } catch (IOException left) {
                    // The failure that is about to be thrown matters more than a directory left in the temporary one.
                    return;
                }
            }
        }
    }
}
