package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;

/** Does to a restored copy what a hop will do to a schema, so that what it gives is known before the tenant is touched. */
public interface Rehearsal {
    /**
     * Runs the migrations of the request's {@code to} that the copy does not have; where the hop goes back, reverts the
     * request's migrations instead, by the scripts of the release that is left.
     *
     * @param schema the component that migrates the database, with its settings and artifacts; the request's
     *     {@code uses.schema}
     * @param copy the scratch database
     * @return {@link Outcome.Done} with {@code migrations.ran} or {@code migrations.reverted} (comma-separated ids), or why
     *     that can't be done
     */
    Outcome rehearse(StepRequested request, Target schema, Database copy, Work work) throws InterruptedException;
}
