package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;

/** Runs a release's migrations on a restored copy, so that what they give is known before the tenant is touched. */
public interface Rehearsal {
    /**
     * Runs the migrations of the request's {@code to} that the copy does not have.
     *
     * @param schema the component that migrates the database, with its settings and artifacts; the request's
     *     {@code uses.schema}
     * @param copy the scratch database
     * @return {@link Outcome.Done} with {@code migrations.ran} (comma-separated ids), or why they can't be run
     */
    Outcome rehearse(StepRequested request, Target schema, Database copy, Work work) throws InterruptedException;
}
