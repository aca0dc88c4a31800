package dev.upkeep.local;

import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A PostgreSQL beside the suite's own, for the tenants of somebody who tries Upkeep on a product of their own. */
final class Sandbox implements AutoCloseable {
    private final Postgres server;
    private final Path environment;

    private Sandbox(Postgres server, Path environment) {
        this.server = server;
        this.environment = environment;
    }

    /** Starts it, ready for captures; how to reach it is written to {@code sandbox.env} and {@code secrets/sandbox}. */
    static Sandbox start(Path state) {
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
            return new Sandbox(server, environment);
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
        server.close();
    }
}
