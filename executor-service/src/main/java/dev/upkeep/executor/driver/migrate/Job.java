package dev.upkeep.executor.driver.migrate;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Work;

/**
 * One database to migrate.
 *
 * @param component the one that migrates, with its settings
 * @param fenced whether it is a tenant's, with a fence; a scratch copy has none
 */
record Job(StepRequested request, Target component, Database database, boolean fenced, Work work) {
    String setting(String key, String otherwise) {
        return work.secrets().find(component, key).orElse(otherwise);
    }
}
