package dev.upkeep.notifier.core;

import java.util.List;
import java.util.Objects;

/**
 * What a person is told, before a channel gives it a form: what happened, to whom, why, and what to do.
 *
 * @param subject one line that tells the thing
 * @param about which upgrade or rollout it belongs to, so that channels can keep these together
 * @param what one or two sentences
 * @param facts to whom and where, in the order to show them
 * @param why what was found, with the figures; may be empty
 * @param next what to do now, in order; empty if nothing
 */
public record Message(
        Tone tone, String subject, String about, String what, List<Fact> facts, List<Reason> why, List<Advice> next) {
    public Message {
        Objects.requireNonNull(tone, "tone");
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(what, "what");
        if (subject.isBlank() || subject.contains("\n") || subject.contains("\r")) {
            throw new IllegalArgumentException("a subject is one line");
        }
        facts = List.copyOf(facts);
        why = List.copyOf(why);
        next = List.copyOf(next);
    }

    /** How it should strike the reader. */
    public enum Tone {
        GOOD,
        PLAIN,
        BAD,
        /** Somebody has to act. */
        URGENT
    }

    /** One thing to know. */
    public record Fact(String name, String value) {}

    /** One thing that was looked at. */
    public record Reason(String name, String expected, String found) {}

    /**
     * One thing that can be done.
     *
     * @param command to type, empty if there is none
     */
    public record Advice(String text, String command) {}
}
