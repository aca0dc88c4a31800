package dev.upkeep.executor.driver;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where this executor keeps what steps leave behind, and where it finds what they need.
 *
 * @param backups the directory of dumps
 * @param reports the directory of gap reports
 * @param pgBin the directory of pg_dump and pg_restore; none means to look on {@code searchPath}
 * @param searchPath the directories where programs are looked for
 * @param scratch the server where backups are proven
 * @param backupKeys references to the keys of backups: the first seals, all open; none means one that is made in
 *     {@code backups}
 */
public record Places(
        Path backups,
        Path reports,
        Optional<Path> pgBin,
        List<Path> searchPath,
        Optional<Scratch> scratch,
        List<String> backupKeys) {
    public Places {
        Objects.requireNonNull(backups, "backups");
        Objects.requireNonNull(reports, "reports");
        Objects.requireNonNull(pgBin, "pgBin");
        searchPath = List.copyOf(searchPath);
        Objects.requireNonNull(scratch, "scratch");
        backupKeys = List.copyOf(backupKeys);
    }

    /** With a key of backups that is made in their directory. */
    public Places(Path backups, Path reports, Optional<Path> pgBin, List<Path> searchPath, Optional<Scratch> scratch) {
        this(backups, reports, pgBin, searchPath, scratch, List.of());
    }

    /** By which backups are sealed and opened. */
    public Sealing sealing() {
        return new Sealing(backups, backupKeys);
    }

    /**
     * A server on which databases may be made and dropped.
     *
     * @param url the JDBC URL of its maintenance database
     * @param password itself or a reference
     */
    public record Scratch(String url, String user, String password) {
        public Scratch {
            Objects.requireNonNull(url, "url");
            Objects.requireNonNull(user, "user");
            Objects.requireNonNull(password, "password");
        }

        /** As the settings of a database component, for {@link Database#of}. */
        public Map<String, String> settings() {
            return Map.of("url", url, "user", user, "password", password);
        }

        @Override
        public String toString() {
            return "Scratch[" + url + ", " + user + "]";
        }
    }

    /**
     * The file of a program of PostgreSQL's client, such as {@code pg_dump}.
     *
     * @throws Refused {@link Failure#TOOL_MISSING} if it is not there
     */
    public Path pgTool(String name) {
        Stream<Path> where = pgBin.isPresent() ? pgBin.stream() : searchPath.stream();
        return where.map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new Refused(Outcome.Failed.retryable(
                        Failure.TOOL_MISSING,
                        name + " was not found " + pgBin.map(b -> "in " + b).orElse("on the PATH"),
                        "Install PostgreSQL's client (Debian: apt-get install postgresql-client), or set"
                                + " upkeep.executor.pg-bin to its directory")));
    }
}
