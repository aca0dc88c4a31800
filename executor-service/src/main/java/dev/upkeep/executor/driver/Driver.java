package dev.upkeep.executor.driver;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import java.util.Set;

/**
 * Carries steps out on one kind of platform.
 *
 * <p>Called on a virtual thread, by several at once, never twice at once for one tenant. A call is cancelled by
 * interrupting its thread, when its deadline passes or its lease is lost: child processes must then be gone before it
 * returns ({@link Programs} sees to that). It must refuse a token lower than the highest its target has seen.
 */
public interface Driver {
    /** The name under which descriptors ask for it. */
    DriverName name();

    /** The actions it can carry out. */
    Set<Class<? extends Action>> actions();

    /**
     * Carries the step out. Looks before it acts: doing what is already done again is {@link Outcome.Done}, fast.
     *
     * @throws Refused with the {@link Outcome.Failed} that the step ends with; a shorter way to return it
     * @throws InterruptedException when it was cancelled
     */
    Outcome perform(StepRequested request, Work work) throws InterruptedException;

    /**
     * Finds out, without changing anything, whether the step has been carried out; asked when an executor died in the
     * middle of it, or its deadline passed.
     *
     * @throws Refused if it can't look now: the step ends with that failure if it is repeatable, else it is uncertain
     */
    Look look(StepRequested request, Work work) throws InterruptedException;

    /** Whether carrying this action out again is harmless when nobody can tell whether it was. */
    boolean repeatable(Action action);

    /** The same where it depends on the component's settings. */
    default boolean repeatable(StepRequested request) {
        return repeatable(request.action());
    }
}
