package dev.upkeep.executor.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
     * The same for a program whose standard output is not for people: it is taken while the program runs, and only what
     * it says on its standard error goes to {@code said}.
     *
     * @throws IOException that {@code taker} ends with: the program is killed then
     */
    Ran drain(List<String> argv, Map<String, String> environment, Path directory, Taker taker, Path said, Work work)
            throws IOException, InterruptedException;

    /**
     * The same for a program that is given more on its standard input than can be held. It is at its end only once the
     * giver is: a program that is given half of something is killed, it never sees an end.
     *
     * @throws IOException that {@code giver} ends with: the program is killed then
     */
    Ran feed(List<String> argv, Map<String, String> environment, Path directory, Giver giver, Path output, Work work)
            throws IOException, InterruptedException;

    /** Takes all that a program writes, on a thread of its own. */
    @FunctionalInterface
    interface Taker {
        void take(InputStream written) throws IOException;
    }

    /**
     * Gives a program all that it reads, on a thread of its own. That a program has ended before it has read all is no
     * trouble of the giver's: how it ended says more.
     */
    @FunctionalInterface
    interface Giver {
        void give(OutputStream read) throws IOException;
    }

    /**
     * How a program ended.
     *
     * @param tail the last lines of its output, at most 2,000 characters
     */
    record Ran(int exit, String tail) {}
}
