package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes sure that a version's image is in its registry with the digest that its release names; nodes pull it themselves. */
final class Images {
    private final ImageRegistry registry = new ImageRegistry();

    Outcome check(Site site, Version version) throws InterruptedException {
        Image image = Image.of(site.request(), version);
        Optional<String> there = registry.digest(site, image, image.digest());
        Optional<String> tagged = image.tag().isEmpty()
                ? Optional.empty()
                : registry.digest(site, image, image.tag().get());
        boolean moved = tagged.filter(digest -> !digest.equals(image.digest())).isPresent();
        String both = image.repository() + ":" + image.tag().orElse("") + " names " + tagged.orElse("nothing")
                + ", the release says " + image.digest();
        // On the way back the version that ran here is wanted as it ran, whatever has become of its tag.
        if (moved && (there.isEmpty() || !version.equals(site.request().from()))) {
            return Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    both,
                    "Find out who moved the tag; publish a new release if what it names now is the right one");
        }
        if (there.isEmpty()) {
            return Failed.retryable(
                    Failure.ARTIFACT_UNREACHABLE,
                    "the registry has no " + image.pinned(),
                    "Push the image to its repository");
        }
        Map<String, String> found = new HashMap<>(Map.of("artifact.image", image.pinned()));
        tagged.ifPresent(digest -> found.put("artifact.tagged", digest));
        return new Done(found, image.pinned() + " is in the registry" + (moved ? ", although " + both : ""));
    }
}
