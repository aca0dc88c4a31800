package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What must hold before a step that changes the tenant is asked for.
 *
 * @param forward on the way forward
 * @param backward on the way back, which must not wait for anything that only the way forward finds
 * @param first before the first change alone: who refuses it has nothing to undo, and waits for a better time
 */
record ChangeRules(List<Rule> forward, List<Rule> backward, List<Timely> first) {
    static final ChangeRules STANDARD = new ChangeRules(
            List.of(
                    ChangeRules::backupIsProven,
                    ChangeRules::configurationIsKept,
                    ChangeRules::keyIsKept,
                    ChangeRules::schemaIsKnown,
                    ChangeRules::whatIsRevertedRanLast,
                    ChangeRules::revertsGiveTheSchemaItRanOn,
                    ChangeRules::oldBinaryMeetsItsOwnSchema),
            List.of(ChangeRules::oldBinaryMeetsItsOwnSchema),
            List.of(ChangeRules::undoStillFits));

    ChangeRules {
        forward = List.copyOf(forward);
        backward = List.copyOf(backward);
        first = List.copyOf(first);
    }

    /** One of them: it answers with the reason why not, or with nothing. */
    @FunctionalInterface
    interface Rule {
        Optional<String> refusal(Plan plan, Step step, Map<String, String> facts);
    }

    /** One that knows the time. */
    @FunctionalInterface
    interface Timely {
        Optional<String> refusal(Map<String, String> facts, Instant now);
    }

    /** Why the hop does not begin to change anything now, though it may later. */
    Optional<String> tooLate(State.Moving at, Plan plan, Map<String, String> facts, Instant now) {
        // What was asked for before may have been done in part: from then on only the ways out of a change lead on.
        boolean isFirst = at instanceof State.Forward f
                && f.index() == plan.firstChange()
                && f.attempt().number() == 0;
        return isFirst
                ? first.stream().flatMap(r -> r.refusal(facts, now).stream()).findFirst()
                : Optional.empty();
    }

    Optional<String> refusal(State.Moving at, Plan plan, Step step, Map<String, String> facts) {
        // A way that goes back on purpose recovers on its way forward, and comes to rest for nothing but to go on.
        boolean changes = step.changes()
                || (plan.goesBack() && at instanceof State.Forward && step.action() instanceof Action.Quiesce);
        if (!changes) {
            return Optional.empty();
        }
        List<Rule> rules = at instanceof State.Forward ? forward : backward;
        return rules.stream()
                .flatMap(r -> r.refusal(plan, step, facts).stream())
                .findFirst();
    }

    /** What has been begun must be able to come back before the window closes, however long it took to get this far. */
    static Optional<String> undoStillFits(Map<String, String> facts, Instant now) {
        return Optional.ofNullable(facts.get(Fact.CHANGE_LATEST))
                .map(Instant::parse)
                .filter(now::isAfter)
                .map(latest -> "the first change had to begin by " + latest
                        + ", to be done, or undone, before its time is over");
    }

    /** No change before what an undo restores is proven to restore. */
    static Optional<String> backupIsProven(Plan plan, Step step, Map<String, String> facts) {
        return plan.recovered(Action.RestoreDatabase.class).stream()
                .filter(database -> !isKept(plan, facts, database, Fact.BACKUP_BEFORE, Fact.BACKUP_PROVEN))
                .findFirst()
                .map(database -> "the backup of " + database + " is not proven to restore, so nothing may change: no "
                        + Fact.BACKUP_PROVEN);
    }

    /** No change before the configuration that an undo puts back is kept, and was compared. */
    static Optional<String> configurationIsKept(Plan plan, Step step, Map<String, String> facts) {
        return plan.recovered(Action.RestoreConfiguration.class).stream()
                .filter(c -> !isKept(plan, facts, c, Fact.CONFIGURATION_BEFORE, Fact.CONFIGURATION_PROVEN))
                .findFirst()
                .map(c -> "the configuration of " + c + " is not kept, so nothing may change: no "
                        + Fact.CONFIGURATION_PROVEN);
    }

    /** No change before the key that an undo gives back is known to be kept. */
    static Optional<String> keyIsKept(Plan plan, Step step, Map<String, String> facts) {
        return plan.recovered(Action.AttachKey.class).stream()
                .filter(c -> !facts.containsKey(Facts.name(plan, c, Fact.KEY_FINGERPRINT)))
                .findFirst()
                .map(c -> "nobody knows whether the key of " + c + " is kept, so nothing may change: no "
                        + Fact.KEY_FINGERPRINT);
    }

    private static boolean isKept(
            Plan plan, Map<String, String> facts, ComponentName component, String kept, String proven) {
        return facts.containsKey(Facts.name(plan, component, kept))
                && "true".equals(facts.get(Facts.name(plan, component, proven)));
    }

    /** No migration without knowing the schema it starts from and the one it should give. */
    static Optional<String> schemaIsKnown(Plan plan, Step step, Map<String, String> facts) {
        return plan.changesSchema() && !(facts.containsKey(Fact.SCHEMA_BEFORE) && facts.containsKey(Fact.SCHEMA_AFTER))
                ? Optional.of("the schema before or after the migrations is not known, so nothing may change")
                : Optional.empty();
    }

    /** Nothing is reverted from beneath what was applied later, and nothing that was not applied. */
    static Optional<String> whatIsRevertedRanLast(Plan plan, Step step, Map<String, String> facts) {
        if (!plan.goesBack() || !plan.changesSchema()) {
            return Optional.empty();
        }
        List<String> ran = Found.ids(facts.get(Fact.MIGRATIONS_BEFORE));
        List<String> reverted = plan.migrations().stream().map(Migration::id).toList();
        List<String> last = ran.subList(Math.max(0, ran.size() - reverted.size()), ran.size());
        return last.equals(reverted)
                ? Optional.empty()
                : Optional.of("the last migrations that ran are " + last + ", not those to be reverted, " + reverted);
    }

    /**
     * The version that is gone back to is started on no other schema than the one it ran on here: what reverts give is
     * learnt on a copy, and a script that leaves something behind leaves it there too.
     */
    static Optional<String> revertsGiveTheSchemaItRanOn(Plan plan, Step step, Map<String, String> facts) {
        String known = facts.get(Fact.SCHEMA_KNOWN);
        if (!plan.goesBack() || known == null) {
            return Optional.empty();
        }
        String given = facts.get(plan.changesSchema() ? Fact.SCHEMA_AFTER : Fact.SCHEMA_BEFORE);
        return known.equals(given)
                ? Optional.empty()
                : Optional.of("going back gives schema " + given + ", and " + plan.to() + " ran on " + known + " here");
    }

    /** The old version is never started on the schema of the new one, nor the new one on the old. */
    static Optional<String> oldBinaryMeetsItsOwnSchema(Plan plan, Step step, Map<String, String> facts) {
        return switch (step.action()) {
            case Action.Start a -> wrong(plan, step, a.version().equals(plan.from()), a.schema());
            case Action.Redeploy a -> wrong(plan, step, a.version().equals(plan.from()), a.schema());
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

    private static Optional<String> wrong(Plan plan, Step step, boolean old, Moment schema) {
        if (!step.uses().containsKey(Wiring.DATABASE)) {
            return Optional.empty();
        }
        // What brings its schema up by itself starts on the one from before, and only once.
        boolean brings = plan.migrator().filter(step::equals).isPresent();
        Moment own = old || brings || !plan.changesSchema() ? Moment.BEFORE : Moment.AFTER;
        return schema == own
                ? Optional.empty()
                : Optional.of("a binary would meet a schema that is not its own: " + schema + " instead of " + own);
    }
}
