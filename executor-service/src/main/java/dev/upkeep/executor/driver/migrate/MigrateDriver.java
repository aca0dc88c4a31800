package dev.upkeep.executor.driver.migrate;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Migrate;
import dev.upkeep.contract.step.Action.RevertMigrations;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Rehearsal;
import dev.upkeep.executor.driver.SqlFence;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Migrates the database in {@code uses.database} and takes migrations back.
 *
 * <p>Settings: {@code engine} ({@code flyway}, the default, or {@code command}); for Flyway {@code location} in the
 * artifact (default {@code db/migration}), {@code table} (default {@code flyway_schema_history}), {@code lock-timeout}
 * (default PT10S, how long a migration may wait for a lock); for a command {@code command} and {@code revert-command},
 * templates with {@code {artifact} {version} {migration}}, and {@code env.NAME}. A command finds its database in
 * UPKEEP_DATABASE_URL, _USER and _PASSWORD.
 */
@ApplicationScoped
public class MigrateDriver implements Driver, Rehearsal {
    private static final DriverName NAME = new DriverName("migrate");

    private final ReleaseFiles files = new ReleaseFiles();
    private final FlywayEngine flyway = new FlywayEngine();
    private final CommandEngine command;

    public MigrateDriver(Programs programs) {
        this.command = new CommandEngine(programs);
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(Migrate.class, RevertMigrations.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return false;
    }

    @Override
    public boolean repeatable(StepRequested request) {
        return engine(request.target()) == Engine.FLYWAY;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Database database = database(request, work);
        try (Connection connection = database.open()) {
            SqlFence.raise(connection, request.token());
        } catch (SQLException e) {
            throw database.refused(e);
        }
        Job job = new Job(request, request.target(), database, true, work);
        return switch (request.action()) {
            case Migrate(Version version) -> migrate(job, version);
            case RevertMigrations(List<String> migrations) -> revert(job, migrations);
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver migrate can't " + request.action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        if (engine(request.target()) == Engine.COMMAND) {
            return new Look.Unknown("only the command could tell how far it came");
        }
        Job job = new Job(request, request.target(), database(request, work), true, work);
        return switch (request.action()) {
            case Migrate(Version version) -> flyway.lookMigrated(job, files.unpack(job, version));
            case RevertMigrations(List<String> migrations) -> flyway.lookReverted(job, migrations);
            default -> new Look.NotDone();
        };
    }

    @Override
    public Outcome rehearse(StepRequested request, Target schema, Database copy, Work work)
            throws InterruptedException {
        Job job = new Job(request, schema, copy, false, work);
        return request.goesBack()
                ? revert(job, request.migrations().stream().map(Migration::id).toList())
                : migrate(job, request.to());
    }

    /** The later release alone has the scripts that take its migrations back, whichever way the hop goes. */
    private Outcome revert(Job job, List<String> migrations) throws InterruptedException {
        Version later = job.request().later();
        return switch (engine(job.component())) {
            case FLYWAY -> flyway.revert(job, migrations, files.unpack(job, later));
            case COMMAND -> command.revert(job, migrations, files.told(job, later));
        };
    }

    private Outcome migrate(Job job, Version version) throws InterruptedException {
        return switch (engine(job.component())) {
            case FLYWAY -> flyway.migrate(job, files.unpack(job, version));
            case COMMAND -> command.migrate(job, version, files.told(job, version));
        };
    }

    private static Database database(StepRequested request, Work work) {
        Target database = request.uses().get("database");
        if (database == null) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "component " + request.target().component() + " uses no database",
                    "Give it uses: {database: <component>} in the descriptor"));
        }
        return Database.of(database, work.secrets());
    }

    private static Engine engine(Target schema) {
        String name = schema.settings().getOrDefault("engine", "flyway");
        return switch (name) {
            case "flyway" -> Engine.FLYWAY;
            case "command" -> Engine.COMMAND;
            default ->
                throw new Refused(Failed.forGood(
                        Failure.SETTING_MISSING,
                        "setting engine '" + name + "' of " + schema.component() + " is not known",
                        "Use flyway or command"));
        };
    }

    private enum Engine {
        FLYWAY,
        COMMAND
    }
}
