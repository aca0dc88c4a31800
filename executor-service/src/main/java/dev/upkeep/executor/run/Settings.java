package dev.upkeep.executor.run;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.WithUnnamedKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the executor is told by its configuration, under {@code upkeep.executor}. */
@ConfigMapping(prefix = "upkeep.executor")
public interface Settings {
    /** Its name in leases; unique among those on one database. Default: host, pid and a random part. */
    Optional<String> name();

    /** How many steps at once: of each driver, {@code concurrency.<driver>} overriding. */
    @WithUnnamedKey("any")
    Map<String, Integer> concurrency();

    /** How long a lease lasts; it is renewed after a third of it. */
    @WithDefault("PT20S")
    Duration lease();

    /** How often it looks for steps that nobody told it of: those whose lease has run out. */
    @WithDefault("PT1S")
    Duration poll();

    /** After how long a step that has not ended is said to have begun. */
    @WithDefault("PT1S")
    Duration sayBegunAfter();

    /** How long short steps may take to end at a shutdown. */
    @WithDefault("PT5S")
    Duration shutdownGrace();

    /** The directory of dumps. */
    @WithDefault("backups")
    Path backups();

    /**
     * References to the keys that backups are sealed with, each of 32 bytes in base64: the first seals, all open. Default:
     * one that is made in the directory of dumps.
     */
    Optional<List<String>> backupKeys();

    /** How long what is kept of tenants is kept. */
    Keep keep();

    /** What is kept. */
    interface Keep {
        /** A younger backup stays. */
        @WithName("backups-for")
        @WithDefault("P30D")
        Duration backupsFor();

        /** Of each component this many stay, however old. */
        @WithName("backups-least")
        @WithDefault("2")
        int backupsLeast();

        /** How often it looks for what may go. */
        @WithDefault("PT1H")
        Duration sweep();
    }

    /** The directory of gap reports. */
    @WithDefault("reports")
    Path reports();

    /** The directory of pg_dump and pg_restore; default: the PATH. */
    Optional<Path> pgBin();

    /** The server where backups are proven. */
    Scratch scratch();

    /** A PostgreSQL server. */
    interface Scratch {
        /** The JDBC URL of its maintenance database. */
        Optional<String> url();

        @WithDefault("postgres")
        String user();

        /** Itself or a reference. */
        Optional<String> password();
    }
}
