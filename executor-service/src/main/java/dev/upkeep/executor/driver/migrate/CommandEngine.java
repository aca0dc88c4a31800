package dev.upkeep.executor.driver.migrate;

import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Programs.Ran;
import dev.upkeep.executor.driver.Refused;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Migrates with a product's own command, judged by its exit code. */
final class CommandEngine {
    private final Programs programs;

    CommandEngine(Programs programs) {
        this.programs = programs;
    }

    Outcome migrate(Job job, Version version, String artifact) throws InterruptedException {
        Ran ran = run(job, "command", Map.of("artifact", artifact, "version", version.toString()));
        return new Done(Map.of(), "the migration command ended well" + last(ran));
    }

    Outcome revert(Job job, List<String> migrations, String artifact) throws InterruptedException {
        for (String migration : migrations.reversed()) {
            run(
                    job,
                    "revert-command",
                    Map.of(
                            "artifact",
                            artifact,
                            "version",
                            job.request().later().toString(),
                            "migration",
                            migration));
        }
        return new Done(
                Map.of("migrations.reverted", String.join(",", migrations.reversed())), "reverted " + migrations);
    }

    private Ran run(Job job, String setting, Map<String, String> values) throws InterruptedException {
        String template = job.work().secrets().need(job.component(), setting);
        List<String> argv;
        try {
            argv = CommandLine.of(template, values);
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting " + setting + " of " + job.component().component() + ": " + e.getMessage(),
                    "Correct the setting"));
        }
        Map<String, String> environment = new HashMap<>();
        job.component().settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(
                        key.substring("env.".length()), job.work().secrets().resolve(value));
            }
        });
        environment.put("UPKEEP_DATABASE_URL", job.database().url());
        environment.put("UPKEEP_DATABASE_USER", job.database().user());
        environment.put("UPKEEP_DATABASE_PASSWORD", job.database().password());
        Path scratch = job.work().scratch();
        Ran ran = programs.run(argv, environment, scratch, scratch.resolve(setting + ".log"), job.work());
        if (ran.exit() != 0) {
            throw new Refused(Failed.forGood(
                    Failure.MIGRATION_FAILED,
                    "the migration command ended with exit code " + ran.exit() + last(ran),
                    "Correct what it complains of, in a new release if it is the release's"));
        }
        return ran;
    }

    private static String last(Ran ran) {
        return ran.tail().isEmpty() ? "" : ": " + ran.tail().lines().toList().getLast();
    }
}
