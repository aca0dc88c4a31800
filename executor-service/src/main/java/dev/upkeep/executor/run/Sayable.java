package dev.upkeep.executor.run;

import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import dev.upkeep.executor.driver.Secrets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * An outcome as it can be saved and sent, whatever a program has logged: without secrets.
 *
 * <p>Failure: an outcome that the database or the outbox refuses would be tried for ever, and everybody's results with
 * it. PostgreSQL's text holds no NUL, and an event's body has a limit.
 */
final class Sayable {
    /** What a text is shortened to, about. */
    static final int LONGEST = 8_000;

    /** Of all facts of a step with their names: even if each character is escaped, an event can hold them. */
    static final int MOST_FOUND = 100_000;

    /** What people read and no later step does. */
    private static final Set<String> FOR_PEOPLE =
            Set.of(Fact.DRY_RUN_DIFF, "migrations.ran", "migrations.took", "migrations.reverted");

    private Sayable() {}

    /**
     * @param secrets those that the step was given: what a program printed may have them in it
     */
    static Outcome of(Outcome outcome, Secrets secrets) {
        return switch (outcome) {
            case Done(var found, var summary) -> done(found, summary, secrets);
            case Failed(var code, var reason, var fix, var retryable) ->
                new Failed(code, text(reason, secrets), text(fix, secrets), retryable);
            case Uncertain(var reason) -> new Uncertain(text(reason, secrets));
        };
    }

    private static Outcome done(Map<String, String> found, String summary, Secrets secrets) {
        Map<String, String> facts = new HashMap<>();
        found.forEach((name, value) -> facts.put(
                clean(secrets.maskedFact(name)),
                FOR_PEOPLE.contains(name) ? text(value, secrets) : clean(secrets.maskedFact(value))));
        long characters = facts.entrySet().stream()
                .mapToLong(e -> e.getKey().length() + e.getValue().length())
                .sum();
        if (characters > MOST_FOUND) {
            // A later step would take a list that was cut for the whole one.
            return Failed.forGood(
                    Failure.DRIVER_FAULT,
                    text(
                            "it was carried out, but what it found has " + characters
                                    + " characters, and a step can tell " + MOST_FOUND + " at most; " + summary,
                            secrets),
                    "Report it, with the names and the length of what it found");
        }
        return new Done(facts, text(summary, secrets));
    }

    /** Without secrets and what can't be saved, and with its beginning and its end if it is too long. */
    static String text(String text, Secrets secrets) {
        // Before it is shortened: half of a secret would not be known again.
        return shortened(secrets.masked(text));
    }

    private static String shortened(String text) {
        if (text.length() <= LONGEST) {
            return clean(text);
        }
        int head = LONGEST / 2;
        int tail = text.length() - LONGEST / 2;
        // Half of a character can't be written.
        if (Character.isHighSurrogate(text.charAt(head - 1))) {
            head--;
        }
        if (Character.isLowSurrogate(text.charAt(tail))) {
            tail++;
        }
        return clean(text.substring(0, head) + "…" + text.substring(tail));
    }

    private static String clean(String text) {
        return text.replace('\0', '\uFFFD');
    }
}
