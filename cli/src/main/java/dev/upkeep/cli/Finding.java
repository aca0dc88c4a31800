package dev.upkeep.cli;

import dev.upkeep.planner.document.Place;
import dev.upkeep.planner.document.Problem;
import java.nio.file.Path;

/** One thing that is wrong with a file, and where. */
record Finding(Path file, Place place, Problem problem) {
    /** As compilers say it, so that editors can jump there. */
    String line() {
        return file + ":" + place.line() + ":" + place.column() + ": " + problem.detail() + " → " + problem.fix();
    }
}
