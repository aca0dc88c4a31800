package dev.upkeep.planner.core;

import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way back that fits the schema that was found, whatever was meant to happen.
 *
 * @param ran the migrations that were applied since the hop began
 */
record Found(Route route, List<String> ran, String because) {
    Found {
        ran = List.copyOf(ran);
    }

    static Found choose(Plan plan, Map<String, String> facts) {
        List<String> before = ids(facts.get(Fact.MIGRATIONS_BEFORE));
        List<String> ran = ids(facts.get(Fact.MIGRATIONS_FAILED)).stream()
                .filter(id -> !before.contains(id))
                .toList();
        String schemaFailed = facts.getOrDefault(Fact.SCHEMA_FAILED, "");
        boolean same = schemaFailed.equals(facts.get(Fact.SCHEMA_BEFORE));
        if (plan.goesBack()) {
            return same && before.equals(ids(facts.get(Fact.MIGRATIONS_FAILED)))
                    ? new Found(Route.UNCHANGED, List.of(), "nothing was reverted")
                    : new Found(Route.IRREVERSIBLE, List.of(), "migrations were reverted, wholly or in part");
        }
        if (plan.undoing() == Product.Undo.RESTORE) {
            return new Found(Route.IRREVERSIBLE, ran, "the product supports no other way back");
        }
        if (same && ran.isEmpty()) {
            return new Found(Route.UNCHANGED, ran, "the schema is as it was");
        }
        if (ran.isEmpty()) {
            return new Found(Route.IRREVERSIBLE, ran, "the schema changed although no migration is recorded");
        }
        List<Migration> planned = plan.migrations();
        List<String> expected =
                planned.stream().limit(ran.size()).map(Migration::id).toList();
        if (!expected.equals(ran)) {
            return new Found(Route.IRREVERSIBLE, ran, "the migrations that ran are not the first of those planned");
        }
        if (!planned.stream().limit(ran.size()).allMatch(Migration::reversible)) {
            return new Found(Route.IRREVERSIBLE, ran, "not all of the migrations that ran are reversible");
        }
        List<Step> reverting = plan.undo().getOrDefault(Route.REVERSIBLE, List.of()).stream()
                .filter(s -> s.action() instanceof Action.RevertMigrations)
                .toList();
        if (reverting.isEmpty()) {
            return new Found(Route.IRREVERSIBLE, ran, "nothing here can revert a migration");
        }
        if (ran.size() > 1
                && reverting.stream().anyMatch(s -> Targets.revertsOnlyTheLast(plan.target(s.component())))) {
            return new Found(Route.IRREVERSIBLE, ran, "only the last migration can be reverted, and several ran");
        }
        if (ran.size() == planned.size()) {
            return schemaFailed.equals(facts.get(Fact.SCHEMA_AFTER))
                    ? new Found(Route.REVERSIBLE, ran, "all migrations ran and each is reversible")
                    : new Found(Route.IRREVERSIBLE, ran, "the schema is not the one the migrations give");
        }
        // The one that failed left nothing behind only if it applies wholly or not at all.
        return planned.get(ran.size()).transactional()
                ? new Found(
                        Route.REVERSIBLE, ran, "the migrations that ran are reversible, the next left nothing behind")
                : new Found(
                        Route.IRREVERSIBLE,
                        ran,
                        "migration " + planned.get(ran.size()).id() + " may have been applied in part");
    }

    static List<String> ids(@Nullable String commaSeparated) {
        return commaSeparated == null || commaSeparated.isBlank()
                ? List.of()
                : Arrays.stream(commaSeparated.split(",")).map(String::strip).toList();
    }
}
