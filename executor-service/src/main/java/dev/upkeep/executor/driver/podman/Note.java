package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Artifacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * What a step of an upgrade leaves in the site's directory: that make began for it, and that make ended well.
 *
 * <p>Failure: a note is durable before make is run, so that nobody takes a step for not begun that may have had its
 * effect.
 *
 * @param begun the file of one that began
 * @param ended the same once it has ended well; its content is the attempt's token
 */
record Note(Path begun, Path ended) {
    static Note of(StepRequested request, Site site) {
        String name = (request.upgrade() + "." + request.step() + "."
                        + request.target().component())
                .replaceAll("[^A-Za-z0-9._-]", "_");
        return new Note(site.home().resolve(name + ".begun"), site.home().resolve(name + ".ended"));
    }

    boolean hasBegun() {
        return Files.exists(begun);
    }

    boolean hasEnded() {
        return Files.exists(ended);
    }

    /** Whether it was this attempt that ended well. */
    boolean hasEnded(StepRequested request) {
        try {
            return hasEnded()
                    && Files.readString(ended).strip().equals(request.token().toString());
        } catch (IOException e) {
            throw Artifacts.trouble("can't read " + ended, e);
        }
    }

    void begin(StepRequested request) {
        try {
            Files.deleteIfExists(ended);
            Files.writeString(begun, request.token().toString());
            Artifacts.sync(begun);
            Artifacts.sync(begun.resolveSibling("."));
        } catch (IOException e) {
            throw Artifacts.trouble("can't note what begins in " + begun.getParent(), e);
        }
    }

    void end() {
        try {
            Files.move(begun, ended, StandardCopyOption.ATOMIC_MOVE);
            Artifacts.sync(ended.resolveSibling("."));
        } catch (IOException e) {
            throw Artifacts.trouble("can't note what ended in " + ended.getParent(), e);
        }
    }

    /** It told how it ended, and not well: it may be run again. */
    void forget() {
        try {
            Files.deleteIfExists(begun);
        } catch (IOException e) {
            throw Artifacts.trouble("can't take " + begun + " away", e);
        }
    }
}
