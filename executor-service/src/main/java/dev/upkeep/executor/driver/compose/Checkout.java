package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.compose.Engine.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brings a version's code by checking its ref out, where a project is a clone. */
final class Checkout {
    private final Engine engine;

    Checkout(Engine engine) {
        this.engine = engine;
    }

    Outcome fetch(StepRequested request, Project project, Version version, Work work) throws InterruptedException {
        String ref = ref(request, project, version);
        if (isThere(project, ref, work)) {
            return done(project, ref, "was already checked out and prepared", work);
        }
        work.progress("checking out " + ref);
        if (commit(project, ref, work).isEmpty()) {
            Said fetched = git(project, List.of("fetch", "--tags"), work);
            if (!fetched.well()) {
                return Failed.retryable(
                        Failure.ARTIFACT_UNREACHABLE,
                        "git can't fetch " + ref + ": " + fetched.last(project),
                        "See whether the remote of " + project.directory() + " answers the executor");
            }
        }
        Said out = git(project, List.of("checkout", "--detach", ref), work);
        if (!out.well()) {
            return Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "git can't check " + ref + " out: " + out.tail(project),
                    "Push the ref, or put aside what was changed by hand in " + project.directory());
        }
        prepare(request, project, version, work);
        try {
            Files.writeString(prepared(project), head(project, work));
        } catch (IOException e) {
            throw Artifacts.trouble("can't note what is prepared", e);
        }
        return done(project, ref, "checked out and prepared", work);
    }

    /** Whether the ref is checked out, and what had to follow has followed. */
    boolean isThere(Project project, String ref, Work work) throws InterruptedException {
        try {
            String head = head(project, work);
            return commit(project, ref, work).filter(head::equals).isPresent()
                    && Files.exists(prepared(project))
                    && Files.readString(prepared(project)).equals(head);
        } catch (IOException e) {
            throw Artifacts.trouble("can't read what is prepared", e);
        }
    }

    static String ref(StepRequested request, Project project, Version version) {
        return String.join(" ", words("checkout", project.checkout().orElse(""), values(request, project, version)));
    }

    /** What stands for what in the commands of a component. */
    static Map<String, String> values(StepRequested request, Project project, Version version) {
        return Map.of(
                "version", version.toString(),
                "from", request.from().toString(),
                "to", request.to().toString(),
                "tenant", request.tenant().value(),
                "upgrade", request.upgrade().value(),
                "project", project.directory().toString());
    }

    static List<String> words(String setting, String template, Map<String, String> values) {
        try {
            return CommandLine.of(template, values);
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING, "setting " + setting + ": " + e.getMessage(), "Correct it"));
        }
    }

    private void prepare(StepRequested request, Project project, Version version, Work work)
            throws InterruptedException {
        for (int i = 1; ; i++) {
            Optional<String> template = project.setting("prepare." + i);
            if (template.isEmpty()) {
                return;
            }
            List<String> argv = words("prepare." + i, template.get(), values(request, project, version));
            work.progress("running " + argv.getFirst());
            Said said = engine.run(project, argv, work);
            if (!said.well()) {
                throw new Refused(Failed.forGood(
                        Failure.TASK_FAILED,
                        "prepare." + i + " ended with exit code " + said.exit() + "; last lines: " + said.tail(project),
                        "Correct what it complains of, in a new release if it is the release's"));
            }
        }
    }

    private static Path prepared(Project project) {
        return project.home().resolve("prepared");
    }

    private Done done(Project project, String ref, String how, Work work) throws InterruptedException {
        return new Done(Map.of("artifact.commit", head(project, work)), ref + " " + how);
    }

    private String head(Project project, Work work) throws InterruptedException {
        return commit(project, "HEAD", work)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.FILE_TROUBLE,
                        project.directory() + " is no clone of a repository, as the setting checkout wants it",
                        "Clone the repository there, or take the setting away")));
    }

    private Optional<String> commit(Project project, String ref, Work work) throws InterruptedException {
        Said said = git(project, List.of("rev-parse", "--verify", "--quiet", ref + "^{commit}"), work);
        return said.well() && !said.lines().isEmpty() ? Optional.of(said.lines().getLast()) : Optional.empty();
    }

    private Said git(Project project, List<String> arguments, Work work) throws InterruptedException {
        List<String> argv = new ArrayList<>(
                List.of("git", "-C", project.directory().toString(), "-c", "safe.directory=" + project.directory()));
        argv.addAll(arguments);
        return engine.run(project, argv, work);
    }
}
