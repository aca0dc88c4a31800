package dev.upkeep.planner.core;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a person can decide about a held upgrade. */
public enum Way {
    /** Do the step again. */
    RETRY("runs the step again, with a new token that fences off the earlier attempt"),
    /** Go back. */
    UNDO("goes back to the previous version by the route that fits what is found"),
    /** Somebody did it. */
    DONE_BY_HAND("takes the step as done by you and goes on with the next one"),
    /** Leave it as it is. */
    ADOPT_AS_FOUND("ends the upgrade with the version that was started last, reopens traffic and ends the capture");

    private final String effect;

    Way(String effect) {
        this.effect = effect;
    }

    /** The word in requests, such as {@code done-by-hand}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The word and what it does, for the person who must choose. */
    public String told() {
        return word() + ": " + effect;
    }

    /** The way of that word. */
    public static Optional<Way> of(String word) {
        return Arrays.stream(values()).filter(w -> w.word().equals(word)).findFirst();
    }
}
