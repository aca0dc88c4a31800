package dev.upkeep.cli;

import java.util.List;

/** Files that can't be taken, with all that is wrong with them. */
final class Findings extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Finding> found;

    Findings(List<Finding> found) {
        super(found.getFirst().line());
        this.found = List.copyOf(found);
    }

    List<Finding> found() {
        return found;
    }
}
