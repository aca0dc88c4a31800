package dev.upkeep.executor.driver.migrate;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Gets a release's artifact, digest checked, and the migrations that are in it. */
final class ReleaseFiles {
    private final Artifacts artifacts = new Artifacts();

    /** What a command is told of the version's artifact: its file, or, if it is an image, its name with the digest. */
    String told(Job job, Version version) throws InterruptedException {
        Optional<ImageName> image = ImageName.of(find(job, version));
        return image.isPresent()
                ? image.get().reference()
                : artifact(job, version).toString();
    }

    private Path artifact(Job job, Version version) throws InterruptedException {
        Artifact artifact = find(job, version);
        Path file = job.work().scratch().resolve(version + ".jar");
        if (!Files.exists(file)) {
            artifacts.fetch(artifact, file, job.work());
        }
        return file;
    }

    /** The version's artifact: the component's own, or that of the component it uses as {@code artifact}. */
    private static Artifact find(Job job, Version version) {
        Target other = job.request().uses().get("artifact");
        return Stream.of(Optional.of(job.component()), Optional.ofNullable(other))
                .flatMap(Optional::stream)
                .map(target -> target.artifacts().get(version.toString()))
                .flatMap(Stream::ofNullable)
                .findFirst()
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_MISSING,
                        "neither " + job.component().component() + " nor what it uses as artifact has one for "
                                + version,
                        "Publish the release with an artifact that holds its migrations")));
    }

    /** A directory with the files directly in the artifact's {@code location}, an SQL script each. */
    Path unpack(Job job, Version version) throws InterruptedException {
        Path artifact = artifact(job, version);
        String location = job.setting("location", "db/migration") + "/";
        Path directory = job.work().scratch().resolve(version + "-migrations");
        try (ZipFile jar = new ZipFile(artifact.toFile())) {
            Files.createDirectories(directory);
            Enumeration<? extends ZipEntry> entries = jar.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                String plain = name.startsWith(location) ? name.substring(location.length()) : "";
                // Only plain file names: an entry must not lead out of the directory.
                if (!plain.isEmpty() && plain.indexOf('/') < 0 && plain.indexOf('\\') < 0 && plain.endsWith(".sql")) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        Files.write(directory.resolve(plain), in.readAllBytes());
                    }
                }
            }
            return directory;
        } catch (java.util.zip.ZipException e) {
            throw new Refused(Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "the artifact of " + version + " is no archive that could hold migrations: " + e.getMessage(),
                    "Publish the release with a jar that has them in " + location));
        } catch (IOException e) {
            throw Artifacts.trouble("can't unpack the migrations of " + version, e);
        }
    }
}
