package dev.upkeep.sample;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Runs one version of inkwell: an HTTP server on the loopback address in front of a small pool of connections.
 *
 * <p>Ordering: on SIGTERM it takes no more requests, answers those under way, closes the pool, and exits 0.
 *
 * <p>Failure: it starts and keeps running without its database, and says so in /healthz.
 */
public final class Inkwell implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Inkwell.class.getName());
    private static final Duration TO_FINISH = Duration.ofSeconds(4);
    private static final int BACKLOG = 512;

    private final HttpServer server;
    private final HikariDataSource pool;
    private final Notes notes;

    private Inkwell(HttpServer server, HikariDataSource pool, Notes notes) {
        this.server = server;
        this.pool = pool;
        this.notes = notes;
    }

    /** The whole life of the process, for the main method of a version. */
    public static void run(Shelf shelf) {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // A dead connection is found by asking it first, not by a write whose outcome is then in doubt.
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
        try {
            Inkwell inkwell = start(Settings.from(System.getenv()), shelf);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                inkwell.close();
                // A JVM ended by SIGTERM says 143 even when all went well; whoever stopped us is owed the truth.
                Runtime.getRuntime().halt(0);
            }));
            LOG.log(
                    System.Logger.Level.INFO,
                    "inkwell {0} listens on port {1,number,#}",
                    shelf.version(),
                    inkwell.port());
        } catch (IllegalArgumentException | IOException e) {
            LOG.log(System.Logger.Level.ERROR, "inkwell {0} cannot start: {1}", shelf.version(), e.getMessage());
            Runtime.getRuntime().halt(1);
        }
    }

    static Inkwell start(Settings settings, Shelf shelf) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()), BACKLOG);
        HikariDataSource pool = pool(settings, shelf);
        Tally tally = new Tally();
        Notes notes = new Notes(pool, shelf, tally);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exact("/", exchange -> Answer.problem(404, "the notes are under /notes")));
        server.createContext("/notes", notes);
        server.createContext("/healthz", exact("/healthz", exchange -> health(pool, shelf)));
        server.createContext(
                "/version",
                exact("/version", exchange -> Answer.ok(Map.of("product", "inkwell", "version", shelf.version()))));
        server.createContext("/metrics", exchange -> metrics(exchange, tally));
        server.start();
        return new Inkwell(server, pool, notes);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        try {
            if (!notes.shut(TO_FINISH)) {
                LOG.log(System.Logger.Level.WARNING, "stopping although requests are under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        pool.close();
    }

    private static HikariDataSource pool(Settings settings, Shelf shelf) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("inkwell");
        config.setJdbcUrl(settings.databaseUrl());
        config.setUsername(settings.databaseUser());
        config.setPassword(settings.databasePassword());
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(2_000);
        config.setValidationTimeout(1_000);
        // Start without a database: it may be on its way up, and /healthz tells.
        config.setInitializationFailTimeout(-1);
        // An acknowledged write is on disk, whatever the server's or the database's default.
        config.setConnectionInitSql("SET synchronous_commit = on");
        config.addDataSourceProperty("ApplicationName", "inkwell-" + shelf.version());
        config.addDataSourceProperty("connectTimeout", "2");
        config.addDataSourceProperty("loginTimeout", "2");
        config.addDataSourceProperty("socketTimeout", "10");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        return new HikariDataSource(config);
    }

    private static Answer health(HikariDataSource pool, Shelf shelf) {
        Map<String, Object> health = new LinkedHashMap<>();
        boolean up = reaches(pool);
        health.put("status", up ? "up" : "down");
        health.put("version", shelf.version());
        return new Answer(up ? 200 : 503, health);
    }

    private static boolean reaches(HikariDataSource pool) {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    @FunctionalInterface
    private interface Question {
        Answer answer(HttpExchange exchange);
    }

    private static HttpHandler exact(String path, Question question) {
        return exchange -> {
            try (exchange) {
                boolean here = exchange.getRequestURI().getPath().equals(path);
                (here ? question.answer(exchange) : Answer.problem(404, "the notes are under /notes")).send(exchange);
            }
        };
    }

    private static void metrics(HttpExchange exchange, Tally tally) throws IOException {
        try (exchange) {
            byte[] text = tally.prometheus().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }
}
