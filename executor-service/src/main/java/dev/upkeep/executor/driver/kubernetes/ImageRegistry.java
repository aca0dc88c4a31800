package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.executor.driver.OciRegistry;
import java.time.Duration;
import java.util.Optional;

/** Asks an image's registry which digest a name stands for; fetches nothing. */
final class ImageRegistry {
    private final OciRegistry registry = new OciRegistry(Duration.ofSeconds(10));

    /**
     * The digest of what {@code reference} names in the image's repository; nothing if it names nothing there.
     *
     * @param reference a tag or a digest
     */
    Optional<String> digest(Site site, Image image, String reference) throws InterruptedException {
        return registry.ask(
                        site.request().target(),
                        site.work(),
                        "HEAD",
                        image.repository(),
                        "/manifests/" + reference,
                        OciRegistry.MANIFESTS)
                .map(answer ->
                        answer.headers().firstValue("docker-content-digest").orElse(reference));
    }
}
