package dev.upkeep.planner.core;

import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What must hold before a step that changes the tenant is asked for.
 *
 * @param forward on the way forward
 * @param backward on the way back, which must not wait for anything that only the way forward finds
 */
record ChangeRules(List<Rule> forward, List<Rule> backward) {
    static final ChangeRules STANDARD = new ChangeRules(
            List.of(ChangeRules::backupIsProven, ChangeRules::schemaIsKnown, ChangeRules::oldBinaryMeetsItsOwnSchema),
            List.of(ChangeRules::oldBinaryMeetsItsOwnSchema));

    ChangeRules {
        forward = List.copyOf(forward);
        backward = List.copyOf(backward);
    }

    /** One of them: it answers with the reason why not, or with nothing. */
    @FunctionalInterface
    interface Rule {
        Optional<String> refusal(Plan plan, Step step, Map<String, String> facts);
    }

    Optional<String> refusal(State.Moving at, Plan plan, Step step, Map<String, String> facts) {
        if (!(step.action() instanceof Action.Change)) {
            return Optional.empty();
        }
        List<Rule> rules = at instanceof State.Forward ? forward : backward;
        return rules.stream()
                .flatMap(r -> r.refusal(plan, step, facts).stream())
                .findFirst();
    }

    /** No change before what an undo restores is proven to restore. */
    static Optional<String> backupIsProven(Plan plan, Step step, Map<String, String> facts) {
        boolean proven = facts.containsKey(Fact.BACKUP_BEFORE) && "true".equals(facts.get(Fact.BACKUP_PROVEN));
        return plan.restores() && !proven
                ? Optional.of("the backup is not proven to restore, so nothing may change: no " + Fact.BACKUP_PROVEN)
                : Optional.empty();
    }

    /** No migration without knowing the schema it starts from and the one it should give. */
    static Optional<String> schemaIsKnown(Plan plan, Step step, Map<String, String> facts) {
        return plan.migrates() && !(facts.containsKey(Fact.SCHEMA_BEFORE) && facts.containsKey(Fact.SCHEMA_AFTER))
                ? Optional.of("the schema before or after the migrations is not known, so nothing may change")
                : Optional.empty();
    }

    /** The old version is never started on the schema of the new one, nor the new one on the old. */
    static Optional<String> oldBinaryMeetsItsOwnSchema(Plan plan, Step step, Map<String, String> facts) {
        return switch (step.action()) {
            case Action.Start a -> wrong(plan, a.version().equals(plan.from()), a.schema());
            case Action.Redeploy a -> wrong(plan, a.version().equals(plan.from()), a.schema());
            case Action.Change a -> Optional.empty();
            case Action.Prepare a -> Optional.empty();
            case Action.Protect a -> Optional.empty();
            case Action.Quiesce a -> Optional.empty();
            case Action.Prove a -> Optional.empty();
            case Action.Reopen a -> Optional.empty();
            case Action.Recover a -> Optional.empty();
            case Action.Person a -> Optional.empty();
        };
    }

    private static Optional<String> wrong(Plan plan, boolean old, Moment schema) {
        Moment own = old || !plan.migrates() ? Moment.BEFORE : Moment.AFTER;
        return schema == own
                ? Optional.empty()
                : Optional.of("a binary would meet a schema that is not its own: " + schema + " instead of " + own);
    }
}
