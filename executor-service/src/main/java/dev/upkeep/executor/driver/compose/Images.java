package dev.upkeep.executor.driver.compose;

import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.compose.Engine.Said;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brings images to the engine, by the digests that their releases name. */
final class Images {
    private static final Pattern DIGEST = Pattern.compile("(?m)^Digest: (\\S+)");

    private final Engine engine;
    private final Standing standing;

    Images(Engine engine, Standing standing) {
        this.engine = engine;
        this.standing = standing;
    }

    /**
     * What is there by its digest is not asked of a registry again, so that a way back needs none.
     *
     * @param back whether it is the version to go back to: a tag that was moved since must not bar the way
     */
    Outcome fetch(Project project, ImageName pin, boolean back, Work work) throws InterruptedException {
        if (standing.image(project, pin.reference(), work).isPresent()) {
            return done(pin, "was already there, digest checked");
        }
        if (!pin.tag().isEmpty() && !back) {
            Said said = pull(project, pin, pin.repository() + ":" + pin.tag(), work);
            Matcher digest = DIGEST.matcher(said.text());
            String found = digest.find() ? digest.group(1) : "none";
            if (!found.equals(pin.digest())) {
                return Failed.forGood(
                        Failure.DIGEST_MISMATCH,
                        pin.repository() + ":" + pin.tag() + " has digest " + found + ", the release says "
                                + pin.digest(),
                        "Find out who moved the tag, or which of the two is wrong; publish a new release if its digest was");
            }
        }
        // By digest, too: what it is started by later must be found.
        pull(project, pin, pin.reference(), work);
        if (standing.image(project, pin.reference(), work).isEmpty()) {
            return Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    "the engine was given " + pin.reference() + " and has no image of that digest",
                    "Look at the registry and at whatever stands before it");
        }
        return done(pin, "fetched, digest checked");
    }

    private static Done done(ImageName pin, String how) {
        return new Done(Map.of("artifact.digest", pin.digest()), pin.reference() + " " + how);
    }

    private Said pull(Project project, ImageName pin, String reference, Work work) throws InterruptedException {
        work.progress("pulling " + reference);
        Said said = engine.act(project, List.of("pull", reference), work);
        if (!said.well()) {
            throw new Refused(refusal(project, pin, reference, said));
        }
        return said;
    }

    private static Failed refusal(Project project, ImageName pin, String reference, Said all) {
        String said = all.text().toLowerCase(Locale.ROOT);
        String why = reference + ": " + all.last(project);
        if (said.contains("denied") || said.contains("unauthorized") || said.contains("authentication required")) {
            return Failed.forGood(
                    Failure.ARTIFACT_UNREACHABLE,
                    why,
                    "Log the executor in to the registry: docker login, and env.DOCKER_CONFIG with where it keeps that");
        }
        if (said.contains("manifest unknown") || said.contains("not found")) {
            return Failed.forGood(
                    Failure.ARTIFACT_UNREACHABLE, why, "Push the image with the digest that the release names");
        }
        return Failed.retryable(
                Failure.REGISTRY_DOWN, why, "See whether " + registry(pin) + " answers, from where the engine runs");
    }

    private static String registry(ImageName pin) {
        int slash = pin.repository().indexOf('/');
        String first = slash < 0 ? "" : pin.repository().substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io";
    }
}
