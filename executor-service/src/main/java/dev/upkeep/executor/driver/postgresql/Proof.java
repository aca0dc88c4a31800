package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Rehearsal;
import dev.upkeep.executor.driver.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proves a backup by restoring it on the scratch server and finding there what its source had in the dump's snapshot;
 * then rehearses the release's migrations on that copy, to learn what schema they give. Where the hop goes back it
 * rehearses the reverts, and then the migrations again: reverts that leave something behind, or take too much, do not lead
 * back to where they came from.
 *
 * <p>Failure: whatever is not as it was written is refused by name, and the backup stays unproven. The scratch database
 * is dropped however the proof ends; one that a dead executor left is dropped by the next attempt.
 */
final class Proof {
    private static final Duration OLDEST = Duration.ofHours(24);
    private static final String PREFIX = "upkeep_proof_";
    private static final String AGAIN = "Take a new backup";

    private final Places places;
    private final Tools tools;
    private final Dumps dumps;
    private final Rehearsal rehearsal;

    Proof(Places places, Tools tools, Dumps dumps, Rehearsal rehearsal) {
        this.places = places;
        this.tools = tools;
        this.dumps = dumps;
        this.rehearsal = rehearsal;
    }

    Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Instant begun = work.now();
        Backup backup = fit(request, work);
        Manifest manifest = dumps.manifest(backup, work);
        Dumps.agrees(backup, manifest);
        Database scratch = scratch(work);
        compareSource(request, manifest, scratch, work);
        String name = PREFIX + Durable.shortName(request.tenant() + "/" + request.upgrade(), 12);
        try (Connection connection = open(scratch)) {
            tools.check("pg_restore", Math.max(manifest.serverVersion(), Server.version(connection)), work);
            try {
                drop(connection, name);
                create(connection, name, manifest.locale());
                for (String role : manifest.roles()) {
                    createRole(connection, role);
                }
                return proveOn(Server.neighbour(scratch, name), request, backup, manifest, begun, work);
            } finally {
                dropAlways(scratch, name);
            }
        } catch (SQLException e) {
            throw down(scratch, e);
        }
    }

    private Outcome proveOn(
            Database copy, StepRequested request, Backup backup, Manifest manifest, Instant begun, Work work)
            throws InterruptedException {
        work.progress("restoring " + backup.id() + " on the scratch server");
        dumps.restore(
                backup,
                manifest,
                copy,
                List.of("--no-owner", "--no-acl", "--no-publications", "--no-subscriptions"),
                Failure.BACKUP_DAMAGED,
                work);
        work.progress("comparing the copy with its source");
        Contents restored = contents(copy);
        List<String> differences = manifest.contents().differences(restored);
        if (!differences.isEmpty()) {
            return Outcome.Failed.forGood(
                    Failure.BACKUP_MISMATCH,
                    "the restored copy is not what its source was: " + some(differences),
                    AGAIN);
        }
        work.backups().proven(backup.id());
        Map<String, String> found = new HashMap<>();
        found.put(Fact.BACKUP_PROVEN, "true");
        found.put("proof.rows", Long.toString(restored.rows()));
        found.put("proof.tables", Integer.toString(restored.tables().size()));
        String rehearsed = "no migration to rehearse";
        if (request.migrations().isEmpty()) {
            found.put(Fact.SCHEMA_AFTER, restored.fingerprint().value());
        } else {
            Outcome outcome = rehearse(request, copy, work);
            if (!(outcome instanceof Outcome.Done done)) {
                return unrehearsed(outcome);
            }
            found.putAll(done.found());
            found.put(Fact.SCHEMA_AFTER, fingerprint(copy).value());
            rehearsed = done.summary();
            if (request.goesBack()) {
                Optional<Outcome> wrong = thereAndBack(request, restored.fingerprint(), copy, work);
                if (wrong.isPresent()) {
                    return wrong.get();
                }
                rehearsed += ", and migrating again led back to where it was";
            }
        }
        Duration took = Duration.between(begun, work.now());
        found.put("proof.seconds", String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0));
        return new Outcome.Done(
                found,
                String.format(
                        Locale.ROOT,
                        "Restored %,d rows in %,d tables on the scratch server, equal to their source; %s; %.1f s",
                        restored.rows(),
                        restored.tables().size(),
                        rehearsed,
                        took.toMillis() / 1000.0));
    }

    /** What is wrong with reverts after which the same migrations give another schema than before. */
    private Optional<Outcome> thereAndBack(StepRequested request, SchemaFingerprint before, Database copy, Work work)
            throws InterruptedException {
        Outcome again = rehearse(turned(request), copy, work);
        if (!(again instanceof Outcome.Done)) {
            return Optional.of(unrehearsed(again));
        }
        SchemaFingerprint after = fingerprint(copy);
        return after.equals(before)
                ? Optional.empty()
                : Optional.of(Outcome.Failed.forGood(
                        Failure.NOT_REVERSIBLE,
                        "on the copy, reverting and migrating again gives schema " + after + " instead of " + before,
                        "Correct the scripts that revert, in a release that goes forward instead"));
    }

    /** The same hop the other way round. */
    private static StepRequested turned(StepRequested r) {
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                r.step(),
                r.attempt(),
                r.token(),
                r.action(),
                r.product(),
                r.to(),
                r.from(),
                r.target(),
                r.uses(),
                r.migrations(),
                r.facts(),
                r.deadline());
    }

    private static Outcome unrehearsed(Outcome outcome) {
        return switch (outcome) {
            // On a scratch database nothing is uncertain: the copy is thrown away, the proof can be had again.
            case Outcome.Uncertain uncertain ->
                Outcome.Failed.retryable(Failure.MIGRATION_FAILED, uncertain.reason(), AGAIN);
            case Outcome.Failed failed -> failed;
            case Outcome.Done done -> done;
        };
    }

    private Outcome rehearse(StepRequested request, Database copy, Work work) throws InterruptedException {
        Target schema = request.uses().get("schema");
        if (schema == null) {
            return Outcome.Failed.forGood(
                    Failure.SETTING_MISSING,
                    "the release has migrations, but the step does not say which component runs them",
                    "Give the descriptor's prove-backup step uses: {schema: <the component that migrates>}");
        }
        work.progress(request.goesBack() ? "rehearsing the reverts" : "rehearsing the migrations");
        return rehearsal.rehearse(request, schema, copy, work);
    }

    /** The backup that the hop rests on, if the catalogue has it and it is this upgrade's. */
    private static Backup fit(StepRequested request, Work work) {
        String id = request.facts().get(Fact.BACKUP_BEFORE);
        if (id == null) {
            throw refused(
                    Failure.FACT_MISSING, "no step before this one has taken a backup", "Put backup-database first");
        }
        Backup backup = work.backups()
                .find(id)
                .orElseThrow(() -> refused(Failure.BACKUP_MISSING, "the catalogue has no backup " + id, AGAIN));
        if (!backup.tenant().equals(request.tenant())
                || !backup.component().equals(request.target().component())) {
            throw refused(
                    Failure.BACKUP_MISMATCH,
                    "backup " + id + " is of " + backup.tenant() + "/" + backup.component(),
                    AGAIN);
        }
        if (!backup.upgrade().equals(request.upgrade()) || backup.moment() != Moment.BEFORE) {
            throw refused(
                    Failure.BACKUP_STALE,
                    "backup " + id + " was taken for " + backup.upgrade() + ", "
                            + backup.moment().name().toLowerCase(Locale.ROOT),
                    AGAIN);
        }
        if (Duration.between(backup.taken(), work.now()).compareTo(OLDEST) > 0) {
            throw refused(Failure.BACKUP_STALE, "backup " + id + " is of " + backup.taken(), AGAIN);
        }
        String before = request.facts().get(Fact.SCHEMA_BEFORE);
        if (before != null && !before.equals(backup.fingerprint().value())) {
            throw refused(
                    Failure.BACKUP_STALE,
                    "the schema was " + before + " when it was checked and " + backup.fingerprint()
                            + " when it was backed up",
                    "Find out what else changes this database's schema, then start again");
        }
        return backup;
    }

    /** Refuses a backup of another database, and a scratch server that is the tenant's own. */
    private static void compareSource(StepRequested request, Manifest manifest, Database scratch, Work work)
            throws InterruptedException {
        Database source = Database.of(request.target(), work.secrets());
        String server;
        try (Connection connection = source.open()) {
            server = Server.identity(connection);
        } catch (SQLException e) {
            throw Server.refused(source, e);
        }
        if (!manifest.server().equals(server) || !manifest.database().equals(Server.name(source))) {
            throw refused(
                    Failure.BACKUP_MISMATCH,
                    "the backup is of database " + manifest.database() + " on server " + manifest.server() + ", not of "
                            + Server.name(source) + " on " + server,
                    AGAIN);
        }
        try (Connection connection = open(scratch)) {
            if (Server.identity(connection).equals(server)) {
                throw refused(
                        Failure.SCRATCH_DOWN,
                        "the scratch server is the tenant's own server",
                        "Set upkeep.executor.scratch.url to a server that no tenant uses");
            }
        } catch (SQLException e) {
            throw down(scratch, e);
        }
    }

    private Database scratch(Work work) {
        Places.Scratch scratch = places.scratch()
                .orElseThrow(() -> refused(
                        Failure.SETTING_MISSING,
                        "there is no scratch server to prove backups on",
                        "Set upkeep.executor.scratch.url, .user and .password"));
        return new Database(scratch.url(), scratch.user(), work.secrets().resolve(scratch.password()));
    }

    private static Contents contents(Database database) throws InterruptedException {
        try (Connection connection = open(database)) {
            Server.normalise(connection);
            return Contents.read(connection);
        } catch (SQLException e) {
            throw down(database, e);
        }
    }

    private static SchemaFingerprint fingerprint(Database database) throws InterruptedException {
        try (Connection connection = open(database)) {
            return Database.fingerprint(connection);
        } catch (SQLException e) {
            throw down(database, e);
        }
    }

    private static Connection open(Database scratch) throws InterruptedException {
        try {
            return scratch.open();
        } catch (Refused e) {
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException("cancelled").initCause(e);
            }
            throw new Refused(
                    Outcome.Failed.retryable(
                            Failure.SCRATCH_DOWN, e.failed().reason(), "Check the scratch server and its password"),
                    e);
        }
    }

    private static Refused down(Database scratch, SQLException e) throws InterruptedException {
        Outcome.Failed failed = Server.refused(scratch, e).failed();
        return failed.code() == Failure.DATABASE_DOWN
                ? new Refused(Outcome.Failed.retryable(Failure.SCRATCH_DOWN, failed.reason(), failed.fix()), e)
                : new Refused(failed, e);
    }

    private static void create(Connection connection, String name, Manifest.Locale locale) throws SQLException {
        String create = "CREATE DATABASE " + Server.identifier(name) + " TEMPLATE template0";
        try {
            Server.run(connection, create + locale.clause());
        } catch (SQLException e) {
            // The scratch server's system may not have the source's locale; sorting is not what is proven.
            if (!"42809".equals(e.getSQLState()) && !"22023".equals(e.getSQLState())) {
                throw e;
            }
            Server.run(connection, create);
        }
    }

    /** A dump's row-level policies name roles, which a dump does not have; here they only need their names. */
    private static void createRole(Connection connection, String role) throws SQLException {
        if (Server.find(connection, "SELECT 1::text FROM pg_roles WHERE rolname = ?", role)
                .isEmpty()) {
            try {
                Server.run(connection, "CREATE ROLE " + Server.identifier(role) + " NOLOGIN");
            } catch (SQLException e) {
                // Another proof may have made it meanwhile.
                if (!"42710".equals(e.getSQLState()) && !"23505".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private static void drop(Connection connection, String name) throws SQLException {
        Server.run(connection, "DROP DATABASE IF EXISTS " + Server.identifier(name) + " WITH (FORCE)");
    }

    /** On a connection of its own: an interruption has broken the other one. */
    private static void dropAlways(Database scratch, String name) {
        boolean interrupted = Thread.interrupted();
        try (Connection connection = scratch.open()) {
            drop(connection, name);
        } catch (SQLException | Refused theNextAttemptDropsIt) {
            // The proof's own outcome is what counts.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String some(List<String> differences) {
        List<String> shown = new ArrayList<>(differences.subList(0, Math.min(5, differences.size())));
        if (differences.size() > shown.size()) {
            shown.add("and " + (differences.size() - shown.size()) + " more");
        }
        return String.join("; ", shown);
    }

    private static Refused refused(Failure code, String reason, String fix) {
        return new Refused(Outcome.Failed.forGood(code, reason, fix));
    }
}
