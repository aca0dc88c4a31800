package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Migrates, and takes migrations back, by commands that the component names; only they could tell how far they came. */
final class OwnCommands {
    private final Engine engine;

    OwnCommands(Engine engine) {
        this.engine = engine;
    }

    Outcome migrate(StepRequested request, Project project, Version version, Work work) throws InterruptedException {
        Engine.Said said = engine.run(
                project,
                Checkout.words(
                        "do.migrate",
                        project.setting("do.migrate").orElseThrow(),
                        Checkout.values(request, project, version)),
                work);
        return Migrating.outcome(project, said.lines(), said.exit());
    }

    /** Only those that ran, the last one first. */
    Outcome revert(StepRequested request, Project project, List<String> migrations, Work work)
            throws InterruptedException {
        String template = project.setting("do.revert")
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.UNKNOWN_TASK,
                        "component " + request.target().component() + " does not say how to take a migration back",
                        "Name the command in the descriptor or the tenant as setting do.revert")));
        for (String migration : migrations.reversed()) {
            Map<String, String> values = new HashMap<>(Checkout.values(request, project, request.later()));
            values.put("migration", migration);
            Engine.Said said = engine.run(project, Checkout.words("do.revert", template, values), work);
            if (!said.well()) {
                return Failed.forGood(
                        Failure.MIGRATION_FAILED,
                        "migration " + migration + " could not be taken back: exit code " + said.exit()
                                + "; last lines: " + said.tail(project),
                        "Correct what it complains of, then retry");
            }
        }
        return new Done(
                Map.of("migrations.reverted", String.join(",", migrations.reversed())), "reverted " + migrations);
    }
}
