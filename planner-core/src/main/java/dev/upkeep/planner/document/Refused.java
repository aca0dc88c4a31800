package dev.upkeep.planner.document;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A document that can't be taken, with all that is wrong with it. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;
    private final transient @Nullable Place place;

    /** Refuses for at least one problem. */
    public Refused(List<Problem> problems) {
        this(problems, null);
    }

    /** Refuses a text that can't be read beyond a place. */
    Refused(List<Problem> problems, @Nullable Place place) {
        super(problems.isEmpty() ? "refused" : problems.getFirst().detail());
        this.problems = List.copyOf(problems);
        this.place = place;
    }

    /** What is wrong, in the order of the document as far as possible. */
    public List<Problem> problems() {
        return problems;
    }

    /** Where the text stops being readable, if it does; otherwise the problems' pointers say where. */
    public Optional<Place> place() {
        return Optional.ofNullable(place);
    }
}
