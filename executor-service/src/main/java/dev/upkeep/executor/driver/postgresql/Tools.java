package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs pg_dump and pg_restore; says by name what their complaints mean. */
final class Tools {
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    private final Places places;
    private final Programs programs;

    Tools(Places places, Programs programs) {
        this.places = places;
        this.programs = programs;
    }

    /**
     * Refuses before anything is done if a tool is missing or older than the server.
     *
     * @param server such as 150018
     * @throws Refused {@link Failure#TOOL_MISSING}, {@link Failure#TOOL_TOO_OLD}
     */
    void check(String tool, int server, Work work) throws InterruptedException {
        Path path = places.pgTool(tool);
        Programs.Ran ran = programs.run(
                List.of(path.toString(), "--version"), Map.of(), work.scratch(), output(work, tool + ".version"), work);
        Matcher version = VERSION.matcher(ran.tail());
        if (!version.find()) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.TOOL_MISSING,
                    path + " is not PostgreSQL's " + tool + ": " + ran.tail(),
                    "Set upkeep.executor.pg-bin to the directory of PostgreSQL's client"));
        }
        int client = Integer.parseInt(version.group(1));
        if (client < server / 10_000) {
            throw tooOld(path + " is of version " + client + ", the server of version " + server / 10_000);
        }
    }

    /** Dumps a database as one of its transactions sees it, but not Upkeep's own schema; it is on no disk in clear. */
    void dump(Database database, String snapshot, OutputStream dump, Work work)
            throws IOException, InterruptedException {
        Programs.Ran ran = programs.drain(
                List.of(
                        places.pgTool("pg_dump").toString(),
                        "--format=custom",
                        "--compress=1",
                        "--no-password",
                        "--exclude-schema=upkeep",
                        "--lock-wait-timeout=60s",
                        "--snapshot=" + snapshot),
                Server.environment(database),
                work.scratch(),
                written -> written.transferTo(dump),
                output(work, "pg_dump.log"),
                work);
        if (ran.exit() != 0) {
            throw new Refused(failed(
                    ran,
                    Outcome.Failed.retryable(
                            Failure.BACKUP_FAILED,
                            "pg_dump ended with " + ran.exit() + ": " + ran.tail(),
                            "Read what pg_dump says")));
        }
    }

    /**
     * Restores a dump into an empty database, wholly or not at all. Also what pg_restore does not ask for is read to its
     * end: it must be whole as well.
     *
     * @param more further arguments
     * @param unless what it means if it is nothing that has a name of its own
     */
    void restore(InputStream dump, Database into, List<String> more, Failure unless, Work work)
            throws IOException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of(
                places.pgTool("pg_restore").toString(),
                "--exit-on-error",
                "--single-transaction",
                "--no-password",
                // As a connection string, since a bare name that has an equals sign would be read as one.
                "--dbname=dbname='" + Server.name(into).replace("\\", "\\\\").replace("'", "\\'") + "'"));
        argv.addAll(more);
        Programs.Ran ran = programs.feed(
                argv,
                Server.environment(into),
                work.scratch(),
                read -> give(dump, read),
                output(work, "pg_restore.log"),
                work);
        if (ran.exit() != 0) {
            throw new Refused(failed(
                    ran,
                    Outcome.Failed.forGood(
                            unless,
                            "pg_restore ended with " + ran.exit() + ": " + ran.tail(),
                            "Read what pg_restore says; if the file is damaged, take a new backup")));
        }
    }

    private static void give(InputStream dump, OutputStream read) throws IOException {
        byte[] buffer = new byte[1 << 16];
        boolean wanted = true;
        for (int n = dump.read(buffer); n >= 0 && !Thread.currentThread().isInterrupted(); n = dump.read(buffer)) {
            if (wanted) {
                try {
                    read.write(buffer, 0, n);
                } catch (IOException itHasEnded) {
                    wanted = false;
                }
            }
        }
    }

    private static Outcome.Failed failed(Programs.Ran ran, Outcome.Failed unless) {
        String said = ran.tail();
        if (said.contains("server version mismatch")) {
            return tooOld(said).failed();
        }
        if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
            return Outcome.Failed.retryable(
                    Failure.DISK_FULL, said, "Make room on the volume of upkeep.executor.backups, or of the server");
        }
        if (said.contains("connection to server")
                || said.contains("the database system is")
                || said.contains("terminating connection")) {
            return Outcome.Failed.retryable(
                    Failure.DATABASE_DOWN, said, "Check that the database server runs and accepts connections");
        }
        if (said.contains("permission denied")
                || said.contains("must be owner")
                || said.contains("row-level security")) {
            return Outcome.Failed.forGood(
                    Failure.NO_RIGHTS, said, "Let the role own what it backs up, or make it a member of the owner");
        }
        return unless;
    }

    private static Refused tooOld(String reason) {
        return new Refused(Outcome.Failed.forGood(
                Failure.TOOL_TOO_OLD,
                reason,
                "Install a PostgreSQL client that is no older than the server, and set upkeep.executor.pg-bin to it"));
    }

    private static Path output(Work work, String name) {
        return work.scratch().resolve(name);
    }
}
