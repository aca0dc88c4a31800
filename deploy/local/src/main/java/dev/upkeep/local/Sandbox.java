package dev.upkeep.local;

import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/** A PostgreSQL beside the suite's own, for the tenants of somebody who tries Upkeep on a product of their own. */
final class Sandbox implements AutoCloseable {
    private final Postgres server;
    private final Path environment;
    private final Supervisor supervisor;

    private Sandbox(Postgres server, Path environment, Consumer<String> tell) {
        this.server = server;
        this.environment = environment;
        this.supervisor = new Supervisor(Parts.of("the PostgreSQL for tenants of your own", server), tell);
        supervisor.start();
    }

    /**
     * Starts it, ready for captures; how to reach it is written to {@code sandbox.env} and {@code secrets/sandbox}.
     *
     * @param tell where lines for a person go
     */
    static Sandbox start(Path state, Consumer<String> tell) {
        Postgres server = Postgres.at(state.resolve("sandbox"))
                .durable()
                .setting("wal_level", "logical")
                .start();
        Path environment = state.resolve("sandbox.env");
        try {
            Path secrets = Files.createDirectories(state.resolve("secrets"));
            Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwx------"));
            write(secrets.resolve("sandbox"), server.password());
            write(environment, """
                    PGHOST=%s
                    PGPORT=%d
                    PGUSER=%s
                    PGPASSWORD=%s
                    """.formatted(Port.HOST, server.port(), server.user(), server.password()));
            return new Sandbox(server, environment, tell);
        } catch (IOException e) {
            server.close();
            throw new LocalFailure("can't write below " + state + ": " + e.getMessage(), "free some disk space", e);
        }
    }

    int port() {
        return server.port();
    }

    /** Shell variables by which psql and createdb find it. */
    Path environment() {
        return environment;
    }

    private static void write(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, text);
    }

    @Override
    public void close() {
        supervisor.stop();
        server.close();
    }
}
