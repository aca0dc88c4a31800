package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Pins a service to the image that a release names, by its digest, beside the project's own file. */
final class Pin {
    private Pin() {}

    /** The image of a version, of the component itself or of the one whose image it runs. */
    static ImageName of(StepRequested request, Version version) {
        Artifact artifact = Optional.ofNullable(request.target().artifacts().get(version.toString()))
                .or(() -> Optional.ofNullable(request.uses().get("artifact"))
                        .map(Target::artifacts)
                        .map(artifacts -> artifacts.get(version.toString())))
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_MISSING,
                        "the request names no artifact of " + request.target().component() + " for " + version,
                        "Publish the release with an artifact for this component")));
        return ImageName.of(artifact)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_UNREACHABLE,
                        "artifact location " + artifact.location() + " is no image: "
                                + request.target().component() + " runs containers",
                        "Publish the release with oci://REGISTRY/REPOSITORY:TAG, or say checkout in the descriptor")));
    }

    /**
     * Writes what compose reads after the project's own file: the image, unless a variable names it, and the marks of
     * the containers that are made by it.
     */
    static void write(Path file, String service, Optional<ImageName> pin, Version version, Token token)
            throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "# Written by Upkeep, and read by compose after the project's own file: what it runs, and who brought it.",
                "services:",
                "  \"" + service + "\":"));
        pin.ifPresent(image -> lines.add("    image: \"" + image.reference() + "\""));
        lines.add("    labels:");
        lines.add("      " + Container.VERSION + ": \"" + version + "\"");
        lines.add("      " + Container.TOKEN + ": \"" + token + "\"");
        EnvFile.replace(file, String.join("\n", lines) + "\n");
    }
}
