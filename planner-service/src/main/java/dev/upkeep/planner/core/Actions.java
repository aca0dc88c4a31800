package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What the words of a descriptor's steps stand for; a word that is not here is no step of a way forward. */
public enum Actions {
    /** Refuses unless the database's volume has room. */
    CHECK_CAPACITY(60, Set.of("free-share"), p -> new Action.CheckCapacity(p.share("free-share", 0.2))),
    /** Reads the schema before the change. */
    CHECK_SCHEMA(60, Set.of(), p -> new Action.CheckSchema(Moment.BEFORE)),
    /** Records how the tenant does before the change. */
    BASELINE(60, Set.of("span"), p -> new Action.Baseline(p.span("span"))),
    /** Dumps the database. */
    BACKUP_DATABASE(1800, Set.of(), p -> new Action.BackupDatabase(Moment.BEFORE)),
    /** Restores the dump beside the tenant, compares, rehearses the migrations. */
    PROVE_BACKUP(3600, Set.of(), p -> new Action.ProveBackup()),
    /** Ends the capture of writes. */
    END_CAPTURE(60, Set.of(), p -> new Action.EndCapture()),
    /** Answers 503 with Retry-After. */
    PARK_TRAFFIC(60, Set.of("retry-after"), p -> new Action.ParkTraffic(p.span("retry-after", Duration.ofSeconds(5)))),
    /** Waits until no request is in flight. */
    DRAIN(120, Set.of(), p -> new Action.Drain()),
    /** Brings the new version's bytes. */
    FETCH_ARTIFACT(600, Set.of(), p -> new Action.FetchArtifact(p.to())),
    /** Stops the component. */
    STOP(120, Set.of(), p -> new Action.Stop()),
    /** Runs the migrations. */
    MIGRATE(1800, Set.of(), p -> new Action.Migrate(p.to())),
    /** Starts the new version. */
    START(120, Set.of(), p -> new Action.Start(p.to(), p.schema())),
    /** Stops what runs and starts the new version. */
    REDEPLOY(300, Set.of(), p -> new Action.Redeploy(p.to(), p.schema())),
    /** Runs a named task once. */
    RUN_TASK(600, Set.of("task"), p -> new Action.RunTask(p.text("task"))),
    /** Judges while traffic is parked. */
    VERIFY_SHUT(60, Set.of(), p -> new Action.VerifyShut(p.to(), p.schema())),
    /** Judges under traffic. */
    VERIFY_OPEN(60, Set.of("span"), p -> new Action.VerifyOpen(p.to(), p.span("span"))),
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
        return action.apply(new Parts(template, to, schema));
    }

    private record Parts(Product.StepTemplate template, Version to, Moment schema) {
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
