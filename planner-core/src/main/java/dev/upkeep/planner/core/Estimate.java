package dev.upkeep.planner.core;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How long an upgrade usually takes: what each step typically takes, not when it must be given up.
 *
 * <p>Spans of baselines and bakes are their own; a migration takes what its release says, by the tenant's rows; what a
 * database's size decides is reckoned from the size that the last upgrade measured, or else from the rows, or else from
 * {@link #UNKNOWN_SIZE}. docs/reference/estimates.md has the figures.
 *
 * @param parts what each step of the way forward takes, in order
 * @param undo what the longest way back takes
 * @param downtime for how long the descriptor says the tenant is not served: the way forward takes no less
 */
public record Estimate(List<Part> parts, Duration undo, Duration downtime) {
    /** The size of a database of which nothing is known: 1 GiB. */
    static final long UNKNOWN_SIZE = 1L << 30;
    /** The rows of a table that nobody has counted. */
    static final long UNKNOWN_ROWS = 10_000_000;

    private static final long BYTES_A_ROW = 500;
    private static final long DUMPED_A_SECOND = 40L << 20;
    private static final long RESTORED_A_SECOND = 15L << 20;
    private static final long MILLION = 1_000_000;

    public Estimate {
        parts = List.copyOf(parts);
        Objects.requireNonNull(undo, "undo");
        Objects.requireNonNull(downtime, "downtime");
    }

    /** What one step takes, and why it is thought to. */
    public record Part(StepId step, Duration takes, String because) {
        public Part {
            Objects.requireNonNull(step, "step");
            Objects.requireNonNull(takes, "takes");
            Objects.requireNonNull(because, "because");
        }
    }

    /**
     * The estimate of a plan.
     *
     * @param stretch knows what migrations cost
     * @param rows about how many a table has, by name
     * @param measured what the tenant's last upgrade found
     */
    static Estimate of(
            Plan plan, Stretch stretch, Map<String, Long> rows, Map<String, String> measured, Duration downtime) {
        Reckoning reckoning = new Reckoning(plan.migrator(), plan.migrations(), stretch, rows, size(rows, measured));
        return new Estimate(
                plan.forward().stream().map(reckoning::part).toList(),
                plan.undo().entrySet().stream()
                        .filter(route -> route.getKey() != Route.READING)
                        .map(route -> reckoning.sum(route.getValue()))
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO)
                        .plus(reckoning.sum(plan.undo().getOrDefault(Route.READING, List.of()))),
                downtime);
    }

    /** The way forward. */
    public Duration forward() {
        Duration sum = from(0);
        return sum.compareTo(downtime) < 0 ? downtime : sum;
    }

    /** There and back. */
    public Duration whole() {
        return forward().plus(undo);
    }

    /** What is left of the way forward from a step on. */
    Duration from(int index) {
        return parts.stream().skip(index).map(Part::takes).reduce(Duration.ZERO, Duration::plus);
    }

    private static long size(Map<String, Long> rows, Map<String, String> measured) {
        Optional<Long> known = Optional.ofNullable(measured.get("capacity.database-bytes"))
                .or(() -> Optional.ofNullable(measured.get("backup.bytes")))
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf);
        long counted = rows.values().stream().mapToLong(Long::longValue).sum();
        return known.orElseGet(() -> counted > 0 ? counted * BYTES_A_ROW : UNKNOWN_SIZE);
    }

    /**
     * Knows what a step takes.
     *
     * @param migrator the step that runs the migrations
     */
    private record Reckoning(
            Optional<Step> migrator, List<Migration> migrations, Stretch stretch, Map<String, Long> rows, long size) {
        Duration sum(List<Step> steps) {
            return steps.stream().map(s -> part(s).takes()).reduce(Duration.ZERO, Duration::plus);
        }

        Part part(Step step) {
            return switch (step.action()) {
                case Action.Baseline a -> new Part(step.id(), a.span(), "its span");
                case Action.VerifyOpen a -> new Part(step.id(), a.span(), "its span");
                case Action.BackupDatabase a -> bySize(step, 30, DUMPED_A_SECOND);
                case Action.ProveBackup a -> bySize(step, 60, RESTORED_A_SECOND);
                case Action.RestoreDatabase a -> bySize(step, 60, RESTORED_A_SECOND);
                case Action.Migrate a -> migrating(step, Duration.ZERO);
                case Action.RevertMigrations a -> migrating(step, Duration.ZERO);
                case Action.FetchArtifact a -> usually(step, 60);
                case Action.RunTask a -> usually(step, 60);
                case Action.Start a -> starting(step, 30);
                case Action.Redeploy a -> starting(step, 60);
                case Action.Drain a -> usually(step, 30);
                case Action.ParkTraffic a -> usually(step, 5);
                case Action.EndCapture a -> usually(step, 5);
                case Action.Prepare a -> usually(step, 10);
                case Action.Protect a -> usually(step, 60);
                case Action.Quiesce a -> usually(step, 30);
                case Action.Change a -> usually(step, 30);
                case Action.Prove a -> usually(step, 30);
                case Action.Reopen a -> usually(step, 5);
                case Action.Recover a -> usually(step, 60);
                case Action.Person a -> new Part(step.id(), Duration.ofMinutes(15), "somebody has to come to it");
            };
        }

        private static Part usually(Step step, long seconds) {
            return new Part(step.id(), Duration.ofSeconds(seconds), "as usual");
        }

        private Part bySize(Step step, long seconds, long bytesASecond) {
            return new Part(
                    step.id(),
                    Duration.ofSeconds(seconds + size / bytesASecond),
                    "a database of about " + Math.max(1, size >> 20) + " MiB");
        }

        /** What migrates by itself takes the time of its migrations besides. */
        private Part starting(Step step, long seconds) {
            return migrator.filter(step::equals).isPresent()
                    ? migrating(step, Duration.ofSeconds(seconds))
                    : usually(step, seconds);
        }

        private Part migrating(Step step, Duration besides) {
            Duration sum = besides;
            List<String> because = new ArrayList<>();
            for (Migration migration : migrations) {
                Optional<Release.Cost> cost = stretch.cost(migration);
                sum = sum.plus(cost.map(this::takes).orElse(Duration.ofSeconds(10)));
                cost.flatMap(Release.Cost::rewrites)
                        .ifPresent(table -> because.add(migration.id() + " rewrites " + table + ", "
                                + (rows.containsKey(table) ? rows.get(table) : "perhaps " + UNKNOWN_ROWS) + " rows"));
            }
            return new Part(step.id(), sum, because.isEmpty() ? "as usual" : String.join("; ", because));
        }

        private Duration takes(Release.Cost cost) {
            long counted = cost.rewrites()
                    .map(table -> rows.getOrDefault(table, UNKNOWN_ROWS))
                    .orElse(0L);
            return cost.least().plus(cost.perMillionRows().multipliedBy(counted).dividedBy(MILLION));
        }
    }
}
