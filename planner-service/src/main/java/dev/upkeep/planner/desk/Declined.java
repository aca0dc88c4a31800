package dev.upkeep.planner.desk;

import dev.upkeep.planner.document.Problem;
import java.util.List;

/** A request that can't be met; it ends the request's transaction and is shown to whoever asked. */
public final class Declined extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final transient List<Problem> problems;

    /**
     * Declines.
     *
     * @param status the HTTP status
     * @param type a stable kebab-case name of what is wrong
     */
    public Declined(int status, String type, List<Problem> problems) {
        super(problems.isEmpty() ? type : problems.getFirst().detail(), null, false, false);
        this.status = status;
        this.type = type;
        this.problems = List.copyOf(problems);
    }

    /** Declines for one reason. */
    public static Declined because(int status, String type, String pointer, String detail, String fix) {
        return new Declined(status, type, List.of(new Problem(pointer, detail, fix)));
    }

    static Declined unknown(String what, String name, String fix) {
        return because(404, "not-found", "/" + what, "there is no " + what + " '" + name + "'", fix);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** What is wrong, as a name. */
    public String type() {
        return type;
    }

    /** What is wrong, where, and what would be right. */
    public List<Problem> problems() {
        return problems;
    }
}
