package dev.upkeep.executor.driver.rehearsal;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.AttachKey;
import dev.upkeep.contract.step.Action.BackupConfiguration;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.CheckCapacity;
import dev.upkeep.contract.step.Action.CheckCompatibility;
import dev.upkeep.contract.step.Action.CheckSchema;
import dev.upkeep.contract.step.Action.CheckSettings;
import dev.upkeep.contract.step.Action.Drain;
import dev.upkeep.contract.step.Action.DryRun;
import dev.upkeep.contract.step.Action.EndCapture;
import dev.upkeep.contract.step.Action.ExportWrites;
import dev.upkeep.contract.step.Action.FetchArtifact;
import dev.upkeep.contract.step.Action.Migrate;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Action.OpenTraffic;
import dev.upkeep.contract.step.Action.ParkTraffic;
import dev.upkeep.contract.step.Action.PauseWork;
import dev.upkeep.contract.step.Action.ProveBackup;
import dev.upkeep.contract.step.Action.Redeploy;
import dev.upkeep.contract.step.Action.RestoreConfiguration;
import dev.upkeep.contract.step.Action.RestoreDatabase;
import dev.upkeep.contract.step.Action.ResumeWork;
import dev.upkeep.contract.step.Action.RevertMigrations;
import dev.upkeep.contract.step.Action.RunTask;
import dev.upkeep.contract.step.Action.SnapshotKey;
import dev.upkeep.contract.step.Action.Start;
import dev.upkeep.contract.step.Action.Stop;
import dev.upkeep.contract.step.Action.Teardown;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Carries out any action by doing nothing, and reports the facts that the real one would.
 *
 * <p>Settings: {@code takes} (a duration, default none) and {@code fail} (the word of an action that fails for good).
 */
@ApplicationScoped
public class RehearsalDriver implements Driver {
    private static final DriverName NAME = new DriverName("rehearsal");
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)*");
    private static final String BEFORE = "sf1:" + "0".repeat(64);
    private static final String AFTER = "sf1:" + "1".repeat(64);

    private final Map<TenantId, Long> highest = new ConcurrentHashMap<>();

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(
                CheckCapacity.class,
                CheckSettings.class,
                CheckCompatibility.class,
                CheckSchema.class,
                BackupDatabase.class,
                ProveBackup.class,
                BackupConfiguration.class,
                SnapshotKey.class,
                EndCapture.class,
                ParkTraffic.class,
                PauseWork.class,
                Drain.class,
                FetchArtifact.class,
                DryRun.class,
                Stop.class,
                Migrate.class,
                Start.class,
                Redeploy.class,
                Teardown.class,
                RunTask.class,
                ResumeWork.class,
                OpenTraffic.class,
                ExportWrites.class,
                RestoreDatabase.class,
                RevertMigrations.class,
                RestoreConfiguration.class,
                AttachKey.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return true;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        long token = request.token().value();
        if (highest.getOrDefault(request.tenant(), 0L) > token) {
            return Failed.forGood(
                    Failure.STALE_TOKEN,
                    "token " + token + " is lower than the highest seen",
                    "Nothing to do: a later attempt has taken over");
        }
        String takes = request.target().settings().get("takes");
        if (takes != null) {
            work.pause(Duration.parse(takes));
        }
        if (request.action().word().equals(request.target().settings().get("fail"))) {
            return Failed.forGood(Failure.TASK_FAILED, "the setting fail asked for it", "Remove the setting fail");
        }
        highest.merge(request.tenant(), token, Math::max);
        return new Done(found(request), "rehearsed " + request.action().word());
    }

    @Override
    public Look look(StepRequested request, Work work) {
        return Long.valueOf(request.token().value()).equals(highest.get(request.tenant()))
                ? new Look.Done(found(request), "found rehearsed")
                : new Look.NotDone();
    }

    private static Map<String, String> found(StepRequested request) {
        String id = "rehearsal:" + request.upgrade();
        return switch (request.action()) {
            case CheckSchema(Moment moment) ->
                switch (moment) {
                    case BEFORE ->
                        Map.of(Fact.SCHEMA_BEFORE, before(request), Fact.MIGRATIONS_BEFORE, migrations(request));
                    case AFTER -> Map.of(Fact.SCHEMA_AFTER, after(request));
                    case FAILED ->
                        Map.of(Fact.SCHEMA_FAILED, before(request), Fact.MIGRATIONS_FAILED, migrations(request));
                };
            case BackupDatabase(Moment moment) ->
                switch (moment) {
                    case BEFORE, AFTER -> Map.of(Fact.BACKUP_BEFORE, id, Fact.CAPTURE_SLOT, "rehearsal");
                    case FAILED -> Map.of(Fact.BACKUP_FAILED, id + ":failed");
                };
            case ProveBackup() -> Map.of(Fact.BACKUP_PROVEN, "true", Fact.SCHEMA_AFTER, after(request));
            case BackupConfiguration() -> Map.of(Fact.CONFIGURATION_BEFORE, id, Fact.CONFIGURATION_PROVEN, "true");
            case SnapshotKey() -> Map.of(Fact.KEY_FINGERPRINT, "rehearsal:" + "0".repeat(16));
            case CheckCompatibility(String of, var ranges) -> Map.of(Fact.THIRD_PARTY + of, fitting(ranges));
            case DryRun a -> Map.of(Fact.DRY_RUN_DIFF, "nothing: it is a rehearsal");
            case ExportWrites() -> Map.of(Fact.GAP_REPORT, "/dev/null", Fact.GAP_WRITES, "0");
            default -> Map.of();
        };
    }

    /** A hop that goes back begins where the one that it takes back ended. */
    private static String before(StepRequested request) {
        return request.goesBack() && !request.migrations().isEmpty() ? AFTER : BEFORE;
    }

    private static String after(StepRequested request) {
        return request.goesBack() || request.migrations().isEmpty() ? BEFORE : AFTER;
    }

    private static String migrations(StepRequested request) {
        return request.goesBack()
                ? Stream.concat(Stream.of("1"), request.migrations().stream().map(Migration::id))
                        .collect(Collectors.joining(","))
                : "1";
    }

    /** A version that the ranges are likely to cover: the first number that they name. */
    private static String fitting(List<String> ranges) {
        return ranges.stream()
                .flatMap(range -> NUMBER.matcher(range).results())
                .map(MatchResult::group)
                .findFirst()
                .orElse("1");
    }
}
