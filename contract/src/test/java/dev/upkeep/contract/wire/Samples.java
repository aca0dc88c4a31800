package dev.upkeep.contract.wire;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.DeliveryEvent.NoticeDelivered;
import dev.upkeep.contract.event.DeliveryEvent.NoticeFailed;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.RecallFinished;
import dev.upkeep.contract.event.LifecycleEvent.RecallStarted;
import dev.upkeep.contract.event.LifecycleEvent.RecallStopped;
import dev.upkeep.contract.event.LifecycleEvent.RingOpened;
import dev.upkeep.contract.event.LifecycleEvent.RolloutFinished;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStarted;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStopped;
import dev.upkeep.contract.event.LifecycleEvent.Schedule;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.contract.event.ParkedEvent.KeyParked;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.Verdict.Finding;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.event.Watch.Selection;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One event of every type, as the golden samples show it. */
final class Samples {
    private static final TenantId TENANT = new TenantId("acme");
    private static final ProductName PRODUCT = new ProductName("notes");
    private static final RolloutId ROLLOUT = new RolloutId("r-7");
    private static final UpgradeId UPGRADE = new UpgradeId("u-42");
    private static final StepId STEP = new StepId("u-42.10-start-app");
    private static final Token TOKEN = new Token(17);
    private static final Version FROM = Version.of("1.0.0");
    private static final Version TO = Version.of("1.1.0");
    private static final Subject SUBJECT =
            new Subject(TENANT, new AccountId("acme-inc"), PRODUCT, FROM, TO, UPGRADE, ROLLOUT);
    private static final Finding ERRORS = new Finding("error-ratio", "at most 0.02", "0.2000 (20 of 100)");
    private static final Finding HEALTH = new Finding("health", "answers 200", "20 of 20 looks passed");

    static final List<Event> EVENTS = List.of(
            new StepRequested(
                    TENANT,
                    UPGRADE,
                    STEP,
                    1,
                    TOKEN,
                    new Action.Start(TO, Action.Moment.AFTER),
                    PRODUCT,
                    FROM,
                    TO,
                    new Target(
                            new ComponentName("app"),
                            new DriverName("process"),
                            Map.of("port", "8080"),
                            Map.of(
                                    "1.1.0",
                                    new Artifact("file:///r/notes-1.1.0.jar", new Digest("sha256:" + "a".repeat(64))))),
                    Map.of(
                            "database",
                            new Target(
                                    new ComponentName("database"),
                                    new DriverName("postgresql"),
                                    Map.of("password", "env:ACME_PASSWORD"),
                                    Map.of())),
                    List.of(new Migration("2", true, true)),
                    Map.of("backup.proven", "true"),
                    Duration.ofMinutes(1)),
            new StepStarted(TENANT, UPGRADE, STEP, 1, TOKEN, "executor-1"),
            new StepSucceeded(
                    TENANT,
                    UPGRADE,
                    STEP,
                    1,
                    TOKEN,
                    Map.of("pid", "4711"),
                    "started in 1.2 s",
                    Duration.ofMillis(1200)),
            new StepFailed(
                    TENANT,
                    UPGRADE,
                    STEP,
                    1,
                    TOKEN,
                    "disk-full",
                    "no space left in /backups",
                    "free 2 GiB in /backups, then retry",
                    true,
                    Duration.ofSeconds(3)),
            new StepUncertain(TENANT, UPGRADE, STEP, 1, TOKEN, "the target went away while the task ran"),
            new BakeRequested(
                    TENANT,
                    UPGRADE,
                    STEP,
                    1,
                    TOKEN,
                    Purpose.OPEN,
                    Duration.ofSeconds(10),
                    Duration.ofMillis(500),
                    List.of(
                            new Probe.HttpStatus("health", "http://127.0.0.1:8080/healthz", 200),
                            new Probe.HttpField("identity", "http://127.0.0.1:8080/version", "/version", "1.1.0"),
                            new Probe.Schema(
                                    "schema",
                                    Map.of("password", "env:ACME_PASSWORD"),
                                    new SchemaFingerprint("sf1:" + "b".repeat(64)))),
                    List.of(new Watch(
                            "error-ratio",
                            "http://127.0.0.1:8080/metrics",
                            new Selection("requests_total", Map.of("outcome", "error")),
                            new Selection("requests_total", Map.of()),
                            30,
                            Optional.of(0.02),
                            Optional.of(1.5),
                            0.01)),
                    Optional.of(new StepId("u-42.03-baseline-app"))),
            new VerdictReached(
                    TENANT,
                    UPGRADE,
                    STEP,
                    1,
                    TOKEN,
                    new Verdict.Rollback(List.of(ERRORS), List.of(HEALTH)),
                    Duration.ofSeconds(10)),
            new Observed(TENANT, "error-ratio.of", Instant.parse("2026-01-02T03:04:05Z"), 20, ""),
            new UpgradePlanned(SUBJECT, List.of("Notes can be pinned")),
            new UpgradeStarted(SUBJECT),
            new UpgradeConfirmed(SUBJECT, List.of(HEALTH)),
            new HopConfirmed(SUBJECT, Version.of("1.0.9"), List.of(HEALTH)),
            new UpgradeAborted(SUBJECT, "aborted by ada: the wrong customer"),
            new UpgradeUndoing(SUBJECT, "the verdict is rollback", List.of(ERRORS)),
            new UpgradeRolledBack(
                    SUBJECT,
                    "the verdict is rollback",
                    List.of(ERRORS),
                    Map.of("gap.report", "/reports/acme/u-42-gap.jsonl")),
            new UpgradePostponed(
                    SUBJECT,
                    "6 minutes of the window are left, and it takes 20",
                    Optional.of(Instant.parse("2026-01-10T01:00:00Z"))),
            new UpgradeOverrunning(
                    SUBJECT,
                    Instant.parse("2026-01-03T05:00:00Z"),
                    "it goes back to 1.0.0",
                    Instant.parse("2026-01-03T05:20:00Z")),
            new UpgradeHeld(SUBJECT, "the step's outcome is uncertain", List.of("retry: runs the step again")),
            new RolloutStarted(ROLLOUT, PRODUCT, TO, 6),
            new RingOpened(ROLLOUT, PRODUCT, TO, new RingName("canary")),
            new RolloutStopped(ROLLOUT, PRODUCT, TO, "ring staging has spent its failure budget of 0"),
            new RolloutFinished(ROLLOUT, PRODUCT, TO, 6, 0),
            new RecallStarted(ROLLOUT, PRODUCT, TO, 6, "release 1.1.0 was recalled by ada: it loses notes"),
            new RecallStopped(ROLLOUT, PRODUCT, TO, "ring staging has spent its failure budget of 0"),
            new RecallFinished(ROLLOUT, PRODUCT, TO, 5, 1),
            new NoticeDelivered("acme", "n-1", new EventId("u-42:started"), "mail", "ops", 1),
            new NoticeFailed("acme", "n-1", new EventId("u-42:started"), "slack", "ops", 5, "404 no_service"),
            new KeyParked("planner", "upkeep.results", "acme", "upkeep.results-0@7", "body is no JSON"));

    /** Events with the members that were added to their types since these were published; all of them are optional. */
    static final List<Event> GROWN = List.of(
            new UpgradePlanned(
                    SUBJECT,
                    List.of("Notes can be pinned"),
                    Optional.of(
                            new Schedule(2, Instant.parse("2026-01-10T01:00:00Z"), Bump.MINOR, Duration.ofMinutes(5)))),
            new NoticeDelivered(
                    "acme",
                    "n-1",
                    new EventId("u-42:planned"),
                    "mail",
                    "ops",
                    1,
                    Optional.of(new AccountId("acme-inc"))),
            new NoticeFailed(
                    "acme",
                    "n-1",
                    new EventId("u-42:planned"),
                    "mail",
                    "ops",
                    5,
                    "no such mailbox",
                    Optional.of(new AccountId("acme-inc"))));

    /** One action of every kind. */
    static final List<Action> ACTIONS = List.of(
            new Action.CheckCapacity(0.2),
            new Action.CheckSettings(List.of("NOTES_MAIL"), List.of("NOTES_FAX")),
            new Action.CheckCompatibility("postgresql", List.of(">=15")),
            new Action.CheckSchema(Action.Moment.BEFORE),
            new Action.Baseline(Duration.ofSeconds(10)),
            new Action.BackupDatabase(Action.Moment.BEFORE),
            new Action.ProveBackup(),
            new Action.BackupConfiguration(),
            new Action.SnapshotKey(),
            new Action.EndCapture(),
            new Action.ParkTraffic(Duration.ofSeconds(5)),
            new Action.PauseWork(),
            new Action.Drain(),
            new Action.FetchArtifact(TO),
            new Action.DryRun(TO),
            new Action.Stop(),
            new Action.Migrate(TO),
            new Action.Start(TO, Action.Moment.AFTER),
            new Action.Redeploy(TO, Action.Moment.AFTER),
            new Action.Teardown(),
            new Action.RunTask("reindex"),
            new Action.VerifyShut(TO, Action.Moment.AFTER),
            new Action.VerifyOpen(TO, Duration.ofMinutes(5)),
            new Action.ResumeWork(),
            new Action.OpenTraffic(),
            new Action.ExportWrites(),
            new Action.RestoreDatabase(),
            new Action.RevertMigrations(List.of("2")),
            new Action.RestoreConfiguration(),
            new Action.AttachKey(),
            new Action.Ask("Look at it"));

    private Samples() {}
}
