package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs tasks as targets of the Makefile, and what migrates by commands that the component names. */
final class Tasks {
    private final Shop shop;

    Tasks(Shop shop) {
        this.shop = shop;
    }

    /** Once for a step: one that began and did not end is run again only if the component says that it may. */
    Outcome run(StepRequested request, Site site, String name, Work work) throws InterruptedException {
        String task = site.task(name);
        Note note = Note.of(request, site);
        if (note.hasEnded()) {
            return done(task, "had ended well");
        }
        if (note.hasBegun() && !site.again(task)) {
            return new Outcome.Uncertain("make " + task + " began before and nobody knows how far it came");
        }
        List<String> words = new ArrayList<>(List.of(task));
        site.profile().ifPresent(profile -> words.add("PROFILE=" + profile));
        note.begin(request);
        Said said = shop.make(site, words, work);
        if (!said.well()) {
            note.forget();
            return said.contains("no rule to make target")
                    ? Failed.forGood(
                            Failure.UNKNOWN_TASK,
                            "the Makefile of " + site.directory() + " has no target " + task + ": " + said.last(site),
                            "Correct the task's name in the descriptor, or name its command as setting task." + task)
                    : Failed.forGood(
                            Failure.TASK_FAILED,
                            "make " + task + " ended with exit code " + said.exit() + "; last lines: "
                                    + said.tail(site),
                            "Correct what it complains of, then retry");
        }
        note.end();
        return done(task, "ended well: " + said.last(site));
    }

    private static Done done(String task, String how) {
        return new Done(Map.of("task.exit", "0"), "make " + task + " " + how);
    }

    Look look(StepRequested request, Site site, String name) {
        Note note = Note.of(request, site);
        if (note.hasEnded()) {
            return new Look.Done(Map.of("task.exit", "0"), "found done: make " + name + " had ended well");
        }
        return note.hasBegun() && !site.again(name)
                ? new Look.Unknown("make " + name + " began and nobody knows how far it came")
                : new Look.NotDone();
    }

    Outcome migrate(StepRequested request, Site site, Version version, Work work) throws InterruptedException {
        command(request, site, "do.migrate", version, Map.of(), work);
        return new Done(Map.of(), "migrated to " + version);
    }

    /** Only those that ran, the last one first. */
    Outcome revert(StepRequested request, Site site, List<String> migrations, Work work) throws InterruptedException {
        for (String migration : migrations.reversed()) {
            command(request, site, "do.revert", request.later(), Map.of("migration", migration), work);
        }
        return new Done(
                Map.of("migrations.reverted", String.join(",", migrations.reversed())), "reverted " + migrations);
    }

    private void command(
            StepRequested request, Site site, String setting, Version version, Map<String, String> further, Work work)
            throws InterruptedException {
        String template = site.setting(setting)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.UNKNOWN_TASK,
                        "component " + request.target().component() + " does not say how to carry out "
                                + request.action().word(),
                        "Name the command in the descriptor or the tenant as setting " + setting)));
        Map<String, String> values = new HashMap<>(Map.of(
                "version", version.toString(),
                "from", request.from().toString(),
                "to", request.to().toString(),
                "tenant", request.tenant().value(),
                "upgrade", request.upgrade().value()));
        values.putAll(further);
        Said said;
        try {
            said = shop.run(site, CommandLine.of(template, values), work);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    Failed.forGood(Failure.SETTING_MISSING, "setting " + setting + ": " + e.getMessage(), "Correct it"),
                    e);
        }
        if (!said.well()) {
            throw new Refused(Failed.forGood(
                    Failure.MIGRATION_FAILED,
                    setting + (further.isEmpty() ? "" : " of " + further.get("migration")) + " ended with exit code "
                            + said.exit() + "; last lines: " + said.tail(site),
                    "Correct what it complains of, then retry"));
        }
    }
}
