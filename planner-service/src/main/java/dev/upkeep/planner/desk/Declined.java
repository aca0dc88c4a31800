package dev.upkeep.planner.desk;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.planner.document.Problem;
import java.util.List;
import java.util.Optional;

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

    /**
     * Declines a change of what isn't there as whoever asks for it expects.
     *
     * @param revision what it is at, under its row's lock; empty if there is nothing
     */
    static void unless(IfMatch expected, Optional<Long> revision) {
        if (!expected.holds(revision)) {
            throw because(
                    412,
                    "changed-meanwhile",
                    "/If-Match",
                    revision.map(r -> "it is at revision " + r).orElse("there is none")
                            + (expected instanceof IfMatch.Read(var tag) ? ", and not at " + tag : ""),
                    "read it again and repeat your change on what you find");
        }
    }

    /** The same, of what is there. */
    static void unless(IfMatch expected, long revision) {
        unless(expected, Optional.of(revision));
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
