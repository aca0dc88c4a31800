package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.CheckCapacity;
import dev.upkeep.contract.step.Action.CheckCompatibility;
import dev.upkeep.contract.step.Action.CheckSchema;
import dev.upkeep.contract.step.Action.EndCapture;
import dev.upkeep.contract.step.Action.ExportWrites;
import dev.upkeep.contract.step.Action.ProveBackup;
import dev.upkeep.contract.step.Action.RestoreDatabase;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Rehearsal;
import dev.upkeep.executor.driver.SqlFence;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Backs up, proves, captures and restores components that are PostgreSQL databases.
 *
 * <p>Settings: {@code url} ({@code jdbc:postgresql://host:port/name}), {@code user}, {@code password} (a reference),
 * {@code data-directory} (a path on the database's volume that the executor can see; only needed where the server is on
 * another machine), {@code history-table} (Flyway's, if it has a name of its own).
 *
 * <p>Failure: every action looks before it acts and may be carried out again. What an attempt leaves behind when its
 * executor dies (a part of a file, a slot, a scratch database, a half-restored database) is found by its name and
 * removed by the next.
 */
@ApplicationScoped
public class PostgresqlDriver implements Driver {
    private static final DriverName NAME = new DriverName("postgresql");
    private static final Pattern VERSION = Pattern.compile("^\\d+(\\.\\d+)*");

    private final Backing backing;
    private final Proof proof;
    private final GapExport export;
    private final Restoration restoration;

    @Inject
    public PostgresqlDriver(Places places, Programs programs, Rehearsal rehearsal) {
        Tools tools = new Tools(places, programs);
        Dumps dumps = new Dumps(places.sealing(), tools);
        this.backing = new Backing(places, tools);
        this.export = new GapExport(places, dumps);
        this.restoration = new Restoration(tools, dumps, export);
        this.proof = new Proof(places, tools, dumps, rehearsal);
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(
                CheckCapacity.class,
                CheckCompatibility.class,
                CheckSchema.class,
                BackupDatabase.class,
                ProveBackup.class,
                EndCapture.class,
                ExportWrites.class,
                RestoreDatabase.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return true;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        return switch (request.action()) {
            case CheckCapacity(double freeShare) -> Capacity.check(request, freeShare, work);
            case CheckCompatibility check -> compatibility(check, request, work);
            case CheckSchema(Action.Moment moment) -> SchemaReading.read(request, moment, work);
            case BackupDatabase(Action.Moment moment) -> backing.perform(request, moment, work);
            case ProveBackup() -> proof.perform(request, work);
            case EndCapture() -> endCapture(request, work);
            case ExportWrites() -> export.perform(request, work);
            case RestoreDatabase() -> restoration.perform(request, work);
            default ->
                Outcome.Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver " + NAME + " can't carry out "
                                + request.action().word(),
                        "Use " + request.action().word() + " on a component with a driver that can");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        return switch (request.action()) {
            case BackupDatabase(Action.Moment moment) ->
                backing.finished(request, moment, work)
                        .<Look>map(found -> new Look.Done(found, "found done: backup " + Backing.id(request, moment)))
                        .orElseGet(Look.NotDone::new);
            case RestoreDatabase() ->
                restoration
                        .finished(request, work)
                        .<Look>map(found -> new Look.Done(found, "found done: the backup is in place"))
                        .orElseGet(Look.NotDone::new);
            default -> new Look.NotDone();
        };
    }

    /** Tells the server's version: whether it is one that the release can do with is judged by who asks. */
    private static Outcome compatibility(CheckCompatibility check, StepRequested request, Work work)
            throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        try (Connection connection = database.open()) {
            // "17.2 (Debian 17.2-1.pgdg120+1)", and "18beta1" before a version is out.
            String told = Server.text(connection, "show server_version");
            Matcher version = VERSION.matcher(told);
            return version.find()
                    ? new Outcome.Done(
                            Map.of(Fact.THIRD_PARTY + check.of(), version.group()),
                            "the server of " + request.target().component() + " is " + check.of() + " "
                                    + version.group())
                    : Outcome.Failed.forGood(
                            Failure.DATABASE_REFUSED,
                            "the server tells no version, but '" + told + "'",
                            "See what answers at the component's url");
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    private static Outcome endCapture(StepRequested request, Work work) throws InterruptedException {
        String slot = slot(request);
        Database database = Database.of(request.target(), work.secrets());
        // From the maintenance database: the slot's own may have been renamed, or be gone.
        Database maintenance = Server.maintenance(database);
        try (Connection connection = database.open()) {
            SqlFence.raise(connection, request.token());
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
        try (Connection connection = maintenance.open()) {
            boolean dropped = Slot.drop(connection, slot, work);
            return new Outcome.Done(
                    Map.of(),
                    dropped ? "The capture of writes has ended" : "There was no capture of writes left to end");
        } catch (SQLException e) {
            throw Server.refused(maintenance, e);
        }
    }

    /** The upgrade's slot: as the backup reported it, if it got that far. */
    static String slot(StepRequested request) {
        String derived = Slot.name(request.tenant(), request.upgrade());
        String reported =
                Optional.ofNullable(request.facts().get(Fact.CAPTURE_SLOT)).orElse(derived);
        if (!reported.equals(derived)) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.CAPTURE_LOST,
                    "slot " + reported + " is not the one of this upgrade, " + derived,
                    "Find out which slot is meant; Upkeep touches none but the upgrade's own"));
        }
        return derived;
    }
}
