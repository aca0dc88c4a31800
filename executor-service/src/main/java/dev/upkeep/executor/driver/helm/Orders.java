package dev.upkeep.executor.driver.helm;

import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Programs.Ran;
import dev.upkeep.executor.driver.Refused;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commands that a component names for what is its own: {@code task.NAME}, {@code do.ACTION}.
 *
 * <p>Failure: that a task or a migration began, and that it ended, is noted at the fence under the token; one that began and did
 * not end is never run again by itself. Every other command must bear being run twice.
 */
final class Orders {
    private static final String BEGUN = "begun";
    private static final String ENDED = "ended";

    private final Site site;
    private final Fence fence;
    private final Programs programs;

    Orders(Site site, Fence fence, Programs programs) {
        this.site = site;
        this.fence = fence;
        this.programs = programs;
    }

    Outcome run(String setting, Map<String, String> values) throws InterruptedException {
        fence.raise();
        return execute(setting, values);
    }

    Outcome runOnce(String setting, Map<String, String> values) throws InterruptedException {
        AtomicReference<Optional<String>> before = new AtomicReference<>(Optional.empty());
        // Looked at and written in one change: else an attempt with our token could have run it in between.
        fence.change(notes -> {
            before.set(Optional.ofNullable(notes.get(note())));
            if (before.get().isEmpty()) {
                need(setting);
                notes.put(note(), BEGUN);
            }
            return notes;
        });
        if (before.get().isPresent()) {
            return before.get().get().equals(ENDED)
                    ? new Done(Map.of("task.exit", "0"), setting + " had ended well")
                    : new Uncertain(setting + " began before and nobody knows how far it came");
        }
        Outcome outcome;
        try {
            outcome = execute(setting, values);
        } catch (Refused e) {
            if (e.failed().code() == Failure.TOOL_MISSING || e.failed().code() == Failure.SETTING_MISSING) {
                // Nothing was started.
                remember(null);
            }
            throw e;
        }
        // It told us how it ended: after a failure a person may have it run again.
        remember(outcome instanceof Done ? ENDED : null);
        return outcome;
    }

    /** What is known of it; nothing if it never began. */
    Optional<Boolean> ended() throws InterruptedException {
        return fence.note(note()).map(ENDED::equals);
    }

    private void remember(@Nullable String state) throws InterruptedException {
        fence.change(notes -> {
            if (state == null) {
                notes.remove(note());
            } else {
                notes.put(note(), state);
            }
            return notes;
        });
    }

    private String note() {
        return "ran." + Site.sha256(site.step()).substring(0, 10);
    }

    private String need(String setting) {
        return site.setting(setting)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        setting.startsWith("task.") ? Failure.UNKNOWN_TASK : Failure.SETTING_MISSING,
                        "component " + site.request().target().component() + " does not say how to carry out "
                                + setting.substring(setting.indexOf('.') + 1),
                        "Name the command in the descriptor or the tenant as setting " + setting)));
    }

    private Outcome execute(String setting, Map<String, String> further) throws InterruptedException {
        Map<String, String> values = new HashMap<>(Map.of(
                "namespace", site.namespace(),
                "release", site.release(),
                "from", site.request().from().toString(),
                "to", site.request().to().toString(),
                "tenant", site.request().tenant().value(),
                "upgrade", site.request().upgrade().value()));
        values.putAll(further);
        Path output = site.work()
                .scratch()
                .resolve("order-" + Site.sha256(further.toString()).substring(0, 10) + ".log");
        String template = need(setting);
        try {
            Ran ran = programs.run(
                    CommandLine.of(template, values), Map.of(), site.work().scratch(), output, site.work());
            return ran.exit() == 0
                    ? new Done(
                            Map.of("task.exit", "0"),
                            setting + " ended well"
                                    + (ran.tail().isBlank()
                                            ? ""
                                            : ": " + ran.tail().strip()))
                    : Failed.forGood(
                            setting.equals("do.migrate") ? Failure.MIGRATION_FAILED : Failure.TASK_FAILED,
                            setting + " ended with exit code " + ran.exit() + "; last lines: " + ran.tail(),
                            "Mend what it complains about");
        } catch (IllegalArgumentException e) {
            throw site.malformed(setting, template, "Correct it: " + e.getMessage());
        }
    }
}
