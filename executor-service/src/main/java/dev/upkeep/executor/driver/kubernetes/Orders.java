package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Programs.Ran;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.kubernetes.Cluster.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commands that a component names for what is its own: {@code task.NAME}, {@code do.ACTION}.
 *
 * <p>Failure: that a task began, and that it ended, is noted at the workload under the token; one that began and did not end
 * is never run again by itself. Every other command must bear being run twice.
 */
final class Orders {
    private static final String BEGUN = "begun";
    private static final String ENDED = "ended";

    private final Site site;
    private final Cluster cluster;
    private final Programs programs;

    Orders(Site site, Cluster cluster, Programs programs) {
        this.site = site;
        this.cluster = cluster;
        this.programs = programs;
    }

    Outcome run(String setting, Map<String, String> values) throws InterruptedException {
        cluster.change(site, found -> Change.NONE);
        return execute(setting, values);
    }

    Outcome runOnce(String setting) throws InterruptedException {
        String note = note();
        AtomicReference<Optional<String>> before = new AtomicReference<>(Optional.empty());
        // Looked at and written in one change: else an attempt with our token could have run it in between.
        cluster.change(site, found -> {
            before.set(found.annotation(note));
            if (before.get().isPresent()) {
                return Change.NONE;
            }
            need(setting);
            return new Change(Map.of(note, BEGUN), Map.of());
        });
        if (before.get().isPresent()) {
            return before.get().get().equals(ENDED)
                    ? new Done(Map.of("task.exit", "0"), setting + " had ended well")
                    : new Outcome.Uncertain(setting + " began before and nobody knows how far it came");
        }
        Outcome outcome;
        try {
            outcome = execute(setting, Map.of());
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

    private void remember(@Nullable String state) throws InterruptedException {
        Map<String, String> notes = new HashMap<>();
        notes.put(note(), state);
        cluster.change(site, found -> new Change(notes, Map.of()));
    }

    /** What is known of a task; nothing if it never began. */
    Optional<Boolean> ended() throws InterruptedException {
        return cluster.find(site).flatMap(found -> found.annotation(note())).map(ENDED::equals);
    }

    private String note() {
        return "upkeep.dev/task-"
                + Site.hash(site.request().upgrade() + "/" + site.request().step());
    }

    private String need(String setting) {
        return site.setting(setting)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.UNKNOWN_TASK,
                        "component " + site.request().target().component() + " does not say how to carry out "
                                + setting.substring(setting.indexOf('.') + 1),
                        "Name the command in the descriptor or the tenant as setting " + setting)));
    }

    private Outcome execute(String setting, Map<String, String> further) throws InterruptedException {
        Map<String, String> values = new HashMap<>(Map.of(
                "namespace", site.namespace(),
                "from", site.request().from().toString(),
                "to", site.request().to().toString(),
                "tenant", site.request().tenant().value(),
                "upgrade", site.request().upgrade().value()));
        values.putAll(further);
        Path output = site.work().scratch().resolve("order.log");
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
                            Failure.TASK_FAILED,
                            setting + " ended with exit code " + ran.exit() + "; last lines: " + ran.tail(),
                            "Mend what it complains about");
        } catch (IllegalArgumentException e) {
            throw Site.malformed(site.request().target(), setting, template, "Correct it: " + e.getMessage());
        } finally {
            deleteQuietly(output);
        }
    }

    private static void deleteQuietly(Path output) {
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw Artifacts.trouble("can't remove " + output, e);
        }
    }
}
