package dev.upkeep.executor.driver;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs programs that must not outlive their step: with a clean environment, never through a shell. */
public interface Programs {
    /**
     * Runs a program to its end; on interruption or at the deadline its whole process group is killed.
     *
     * @param argv the program's path and its arguments
     * @param environment all of it, except that PATH, HOME, LANG are given if they are not in it
     * @param input what it reads from its standard input, such as a password: that is seen by no other process
     * @param output where its standard output and error go
     * @throws Refused {@link Failure#TOOL_MISSING} if it can't be started, {@link Failure#DEADLINE_PASSED}
     */
    Ran run(List<String> argv, Map<String, String> environment, Path directory, String input, Path output, Work work)
            throws InterruptedException;

    /** The same for a program that reads nothing. */
    default Ran run(List<String> argv, Map<String, String> environment, Path directory, Path output, Work work)
            throws InterruptedException {
        return run(argv, environment, directory, "", output, work);
    }

    /**
     * How a program ended.
     *
     * @param tail the last lines of its output, at most 2,000 characters
     */
    record Ran(int exit, String tail) {}
}
