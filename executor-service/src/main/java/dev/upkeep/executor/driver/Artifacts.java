package dev.upkeep.executor.driver;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;

/** Brings artifacts to a place: whole and with the right digest, or not at all. */
public final class Artifacts {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    /**
     * Fetches an artifact; a file that is there is replaced in one instant.
     *
     * @return how many bytes were fetched
     * @throws Refused {@link Failure#ARTIFACT_UNREACHABLE}, {@link Failure#DIGEST_MISMATCH}, {@link Failure#DISK_FULL}
     */
    public long fetch(Artifact artifact, Path file, Work work) throws InterruptedException {
        try {
            Files.createDirectories(file.getParent());
            Path temporary = Files.createTempFile(file.getParent(), "artifact", ".part");
            try {
                long bytes = copy(artifact, temporary, work);
                Digest found = digest(temporary);
                if (!found.equals(artifact.digest())) {
                    throw new Refused(Failed.forGood(
                            Failure.DIGEST_MISMATCH,
                            artifact.location() + " has digest " + found + ", the release says " + artifact.digest(),
                            "Find out which of the two is wrong; publish a new release if its digest was"));
                }
                sync(temporary);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
                sync(requireNonNull(file.getParent()));
                return bytes;
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw trouble("can't keep " + artifact.location() + " as " + file, e);
        }
    }

    private long copy(Artifact artifact, Path to, Work work) throws IOException, InterruptedException {
        URI from = uri(artifact);
        String scheme = from.getScheme() == null ? "" : from.getScheme().toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "file" -> {
                try (InputStream in = Files.newInputStream(Path.of(from))) {
                    yield Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
                } catch (NoSuchFileException e) {
                    throw unreachable(artifact, "there is no such file");
                }
            }
            case "http", "https" -> download(from, artifact, to, work);
            default -> throw notAnUrl(artifact);
        };
    }

    private static URI uri(Artifact artifact) {
        try {
            return URI.create(artifact.location());
        } catch (IllegalArgumentException e) {
            throw notAnUrl(artifact);
        }
    }

    private long download(URI from, Artifact artifact, Path to, Work work) throws IOException, InterruptedException {
        HttpRequest get = HttpRequest.newBuilder(from)
                .timeout(work.left().plusMillis(1))
                .GET()
                .build();
        HttpResponse<InputStream> answer;
        try {
            answer = http.send(get, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw unreachable(artifact, e.toString());
        }
        try (InputStream body = answer.body()) {
            if (answer.statusCode() != 200) {
                throw unreachable(artifact, "status " + answer.statusCode());
            }
            return Files.copy(body, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The digest of a file. */
    public static Digest digest(Path file) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return new Digest("sha256:" + HexFormat.of().formatHex(sha256.digest()));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** Makes a file's content, or a directory's entries, durable. */
    public static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What trouble with a file means for a step: no room, or no access; both may pass. */
    public static Refused trouble(String what, IOException e) {
        String reason = what + ": " + e;
        boolean full = reason.contains("No space left on device") || reason.contains("Disk quota exceeded");
        return new Refused(
                full
                        ? Failed.retryable(Failure.DISK_FULL, reason, "Make room on the volume")
                        : Failed.retryable(Failure.FILE_TROUBLE, reason, "Check the directory and its rights"),
                e);
    }

    private static Refused unreachable(Artifact artifact, String why) {
        return new Refused(Failed.retryable(
                Failure.ARTIFACT_UNREACHABLE,
                "artifact " + artifact.location() + ": " + why,
                "Make the artifact available at its location"));
    }

    private static Refused notAnUrl(Artifact artifact) {
        return new Refused(Failed.forGood(
                Failure.ARTIFACT_UNREACHABLE,
                "artifact location " + artifact.location() + " is no file:, http: or https: URL",
                "Publish the release with a location of one of these kinds"));
    }
}
