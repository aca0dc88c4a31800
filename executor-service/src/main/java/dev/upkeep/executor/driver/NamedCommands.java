package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import java.nio.file.Path;

/**
 * Carries actions out by the commands that a component names ({@code task.NAME}, {@code do.ACTION}), for drivers whose
 * platform has no way of its own to do them.
 */
public interface NamedCommands {
    /**
     * As {@link Driver#perform}.
     *
     * @param home the directory where it is noted what has run, and that its fence is in
     */
    Outcome perform(StepRequested request, Path home, Work work) throws InterruptedException;

    /** As {@link Driver#look}. */
    Look look(StepRequested request, Path home, Work work);
}
