package dev.upkeep.cli;

import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.Text;
import dev.upkeep.planner.document.Written;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file with a document that is read here, by the same code as in the planner. */
record Source(Path file, Written written) {

    /** Reads one: JSON if it is called so, YAML otherwise. */
    static Source read(Path file) throws Findings {
        String text = text(file);
        try {
            return new Source(file, Text.written(text, !file.toString().endsWith(".json")));
        } catch (Refused refused) {
            throw new Findings(refused.problems().stream()
                    .map(problem -> new Finding(
                            file, refused.place().orElseThrow(() -> new IllegalStateException(refused)), problem))
                    .toList());
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new Trouble(ExitCode.USAGE, file + " does not exist\n  → give the path of a file");
        } catch (MalformedInputException e) {
            throw new Trouble(ExitCode.REFUSED, file + " is no text in UTF-8\n  → save it as UTF-8");
        } catch (IOException e) {
            throw new Trouble(ExitCode.USAGE, "can't read " + file + ": " + e.getMessage());
        }
    }

    /** What is wrong with it, at its lines and columns. */
    List<Finding> findings(Refused refused) {
        return refused.problems().stream().map(this::finding).toList();
    }

    private Finding finding(Problem problem) {
        return new Finding(file, written.at(problem.pointer()), problem);
    }
}
