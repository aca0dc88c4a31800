package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What the words of a descriptor's steps stand for; a word that is not here is no step of a way forward. */
public enum Actions {
    /** Refuses unless the database's volume has room. */
    CHECK_CAPACITY(60, Set.of("free-share"), p -> new Action.CheckCapacity(p.share("free-share", 0.2))),
    /** Refuses unless each setting that the releases crossed require is set. */
    CHECK_SETTINGS(
            60,
            Set.of(),
            p -> new Action.CheckSettings(p.demands().required(), p.demands().gone())),
    /** Reads the version of a third party, which must be one that the new version runs on. */
    CHECK_COMPATIBILITY(60, Set.of("of"), p -> new Action.CheckCompatibility(p.text("of"), p.needs(p.text("of")))),
    /** Reads the schema before the change. */
    CHECK_SCHEMA(60, Set.of(), p -> new Action.CheckSchema(Moment.BEFORE)),
    /** Records how the tenant does before the change. */
    BASELINE(60, Set.of("span"), p -> new Action.Baseline(p.span("span"))),
    /** Dumps the database. */
    BACKUP_DATABASE(1800, Set.of(), p -> new Action.BackupDatabase(Moment.BEFORE)),
    /** Restores the dump beside the tenant, compares, rehearses the migrations. */
    PROVE_BACKUP(3600, Set.of(), p -> new Action.ProveBackup()),
    /** Copies settings and definitions, and compares the copy. */
    BACKUP_CONFIGURATION(300, Set.of(), p -> new Action.BackupConfiguration()),
    /** Makes sure that the key is kept where an undo finds it. */
    SNAPSHOT_KEY(60, Set.of(), p -> new Action.SnapshotKey()),
    /** Ends the capture of writes. */
    END_CAPTURE(60, Set.of(), p -> new Action.EndCapture()),
    /** Answers 503 with Retry-After. */
    PARK_TRAFFIC(60, Set.of("retry-after"), p -> new Action.ParkTraffic(p.span("retry-after", Duration.ofSeconds(5)))),
    /** Pauses the product's own long work. */
    PAUSE_WORK(600, Set.of(), p -> new Action.PauseWork()),
    /** Waits until no request is in flight. */
    DRAIN(120, Set.of(), p -> new Action.Drain()),
    /** Brings the new version's bytes. */
    FETCH_ARTIFACT(600, Set.of(), p -> new Action.FetchArtifact(p.to())),
    /** Finds out what the change would do, and changes nothing. */
    DRY_RUN(300, Set.of(), p -> new Action.DryRun(p.to())),
    /** Stops the component. */
    STOP(120, Set.of(), p -> new Action.Stop()),
    /** Runs the migrations. */
    MIGRATE(1800, Set.of(), p -> new Action.Migrate(p.to())),
    /** Starts the new version. */
    START(120, Set.of(), p -> new Action.Start(p.to(), p.schema())),
    /** Stops what runs and starts the new version. */
    REDEPLOY(300, Set.of(), p -> new Action.Redeploy(p.to(), p.schema())),
    /** Takes everything down. */
    TEARDOWN(600, Set.of(), p -> new Action.Teardown()),
    /** Runs a named task once. */
    RUN_TASK(600, Set.of("task"), p -> new Action.RunTask(p.text("task"))),
    /** Stands for the tasks of the releases crossed, in their order: as many run-task steps as there are. */
    RUN_TASKS(600, Set.of(), p -> new Action.RunTask("of each release crossed")),
    /** Judges while traffic is parked. */
    VERIFY_SHUT(60, Set.of(), p -> new Action.VerifyShut(p.to(), p.schema())),
    /** Judges under traffic. */
    VERIFY_OPEN(60, Set.of("span"), p -> new Action.VerifyOpen(p.to(), p.span("span"))),
    /** Lets the work that was paused go on. */
    RESUME_WORK(600, Set.of(), p -> new Action.ResumeWork()),
    /** Passes requests on again. */
    OPEN_TRAFFIC(60, Set.of(), p -> new Action.OpenTraffic()),
    /** Asks a person to do something by hand. */
    ASK(86400, Set.of("what"), p -> new Action.Ask(p.text("what")));

    private final Duration deadline;
    private final Set<String> parameters;
    private final Function<Parts, Action> action;

    Actions(long deadlineSeconds, Set<String> parameters, Function<Parts, Action> action) {
        this.deadline = Duration.ofSeconds(deadlineSeconds);
        this.parameters = parameters;
        this.action = action;
    }

    /** The word in a descriptor, such as {@code backup-database}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The keys that its step may have besides its component. */
    public Set<String> parameters() {
        return parameters;
    }

    /** How long an attempt may take unless the descriptor says otherwise. */
    public Duration deadline() {
        return deadline;
    }

    /** The one of that word, if there is one. */
    public static Optional<Actions> of(String word) {
        return Arrays.stream(values()).filter(a -> a.word().equals(word)).findFirst();
    }

    /**
     * The action that a template stands for.
     *
     * @param schema how the schema is meant to be when the new version starts
     * @throws IllegalArgumentException if a parameter is missing or out of bounds
     */
    public Action action(Product.StepTemplate template, Version to, Moment schema) {
        return action(template, new Demands(to, schema, List.of(), List.of(), Map.of()));
    }

    Action action(Product.StepTemplate template, Demands demands) {
        return action.apply(new Parts(template, demands));
    }

    /**
     * What the releases crossed ask of one step.
     *
     * @param required the component's settings that must be set
     * @param gone its settings that nothing reads any more
     * @param needs by third party, the ranges that must cover its version
     */
    record Demands(
            Version to, Moment schema, List<String> required, List<String> gone, Map<String, List<String>> needs) {
        Demands {
            required = List.copyOf(required);
            gone = List.copyOf(gone);
            needs = Map.copyOf(needs);
        }
    }

    private record Parts(Product.StepTemplate template, Demands demands) {
        Version to() {
            return demands.to();
        }

        Moment schema() {
            return demands.schema();
        }

        List<String> needs(String thirdParty) {
            return demands.needs().getOrDefault(thirdParty, List.of());
        }

        String text(String key) {
            String value = template.parameters().get(key);
            if (value == null) {
                throw new IllegalArgumentException(template.word() + " needs '" + key + "'");
            }
            return value;
        }

        Duration span(String key) {
            return Duration.parse(text(key));
        }

        Duration span(String key, Duration otherwise) {
            return template.parameters().containsKey(key) ? span(key) : otherwise;
        }

        double share(String key, double otherwise) {
            return template.parameters().containsKey(key) ? Double.parseDouble(text(key)) : otherwise;
        }
    }
}
