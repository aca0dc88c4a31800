package dev.upkeep.planner.document;

import java.util.List;

/** A document that can't be taken, with all that is wrong with it. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /** Refuses for at least one problem. */
    public Refused(List<Problem> problems) {
        super(problems.isEmpty() ? "refused" : problems.getFirst().detail());
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the document as far as possible. */
    public List<Problem> problems() {
        return problems;
    }
}
