package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.helm.Helming.Wanted;
import dev.upkeep.executor.driver.helm.Revisions.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Copies of a revision's chart and values: under {@code configuration} in the executor's directory of backups, readable by its
 * user alone, since values hold secrets.
 *
 * <p>The chart comes out of the revision itself, so that it is the one that ran whatever has become of its repository. Helm keeps
 * no charts that a chart depends on: one that has such is fetched from where its version comes from.
 */
final class Copies {
    private static final String KIND = "helm:";
    private static final String DIGEST = "digest";
    private static final String REVISION = "revision";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FileAttribute<?> OURS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Site site;
    private final Path backups;
    private final Charts charts;

    Copies(Site site, Path backups, Charts charts) {
        this.site = site;
        this.backups = backups.resolve("configuration");
        this.charts = charts;
    }

    Outcome backUp(Revision found) throws InterruptedException {
        if (!found.deployed()) {
            return Failed.forGood(
                    Failure.BACKUP_FAILED,
                    found + " of " + site.called() + " is not deployed: what runs is not what it says",
                    "Bring the release into order first, by helm upgrade or helm rollback");
        }
        String id = KIND + site.request().upgrade() + ":" + site.request().step();
        Path directory = directory(id);
        try {
            if (Files.exists(directory)) {
                // One that was taken before the change must not be replaced by what came of it.
                if (!Files.readString(directory.resolve(REVISION)).equals(Integer.toString(found.number()))) {
                    return Failed.forGood(
                            Failure.BACKUP_MISMATCH,
                            "the copy " + id + " is of revision " + Files.readString(directory.resolve(REVISION))
                                    + ", and " + found + " runs",
                            "Find out who upgraded " + site.called() + " meanwhile");
                }
            } else {
                copy(found, directory);
            }
            checkWhole(id);
            if (!JSON.readTree(directory.resolve("values.json").toFile()).equals(found.values())) {
                return Failed.retryable(
                        Failure.BACKUP_MISMATCH, "the copied values are not those of " + found, "Take the copy again");
            }
            return new Done(found(id, found), "copied chart and values of " + found + " and compared them");
        } catch (IOException e) {
            throw Artifacts.trouble("can't copy " + found, e);
        }
    }

    private static Map<String, String> found(String id, Revision revision) {
        return Map.of(
                Fact.CONFIGURATION_BEFORE,
                id,
                Fact.CONFIGURATION_PROVEN,
                "true",
                "configuration.revision",
                Integer.toString(revision.number()));
    }

    /** Whether this step's copy of a revision is there. */
    Optional<Map<String, String>> taken(Revision of) {
        String id = KIND + site.request().upgrade() + ":" + site.request().step();
        try {
            Path directory = directory(id);
            if (Files.notExists(directory)
                    || !Files.readString(directory.resolve(REVISION)).equals(Integer.toString(of.number()))) {
                return Optional.empty();
            }
            checkWhole(id);
            return Optional.of(found(id, of));
        } catch (IOException e) {
            throw Artifacts.trouble("can't look at the copies in " + backups, e);
        }
    }

    /** The chart and the values that were copied before the change. */
    Wanted before() {
        String id = site.request().facts().get(Fact.CONFIGURATION_BEFORE);
        if (id == null || !id.startsWith(KIND)) {
            throw new Refused(Failed.forGood(
                    Failure.FACT_MISSING,
                    "it is not known which copy to go back to: the fact " + Fact.CONFIGURATION_BEFORE + " is "
                            + (id == null ? "missing" : id),
                    "Go back by hand: helm -n " + site.namespace() + " rollback " + site.release()));
        }
        try {
            Path directory = directory(id);
            if (Files.notExists(directory)) {
                throw new Refused(Failed.forGood(
                        Failure.BACKUP_MISSING,
                        "there is no copy " + id + " in " + backups,
                        "Find the executor's directory of backups that it was made in, or go back by hand"));
            }
            checkWhole(id);
            return new Wanted(
                    new Charts.Chart(
                            chart(directory),
                            "the copy of revision " + Files.readString(directory.resolve(REVISION)),
                            Optional.empty()),
                    JSON.readTree(directory.resolve("values.json").toFile()));
        } catch (IOException e) {
            throw Artifacts.trouble("can't read the copy " + id, e);
        }
    }

    /** The values that were copied before the change, if they were. */
    Optional<JsonNode> valuesBefore() {
        return site.request().facts().containsKey(Fact.CONFIGURATION_BEFORE)
                ? Optional.of(before().values())
                : Optional.empty();
    }

    private static Path chart(Path directory) {
        Path archive = directory.resolve("chart.tgz");
        return Files.exists(archive) ? archive : directory.resolve("chart");
    }

    private void checkWhole(String id) throws IOException {
        Path directory = directory(id);
        if (!Files.readString(directory.resolve(DIGEST)).equals(digest(directory))) {
            throw new Refused(Failed.forGood(
                    Failure.BACKUP_DAMAGED,
                    "the copy " + id + " in " + backups + " is not as it was written",
                    "Go back by hand: helm -n " + site.namespace() + " rollback " + site.release()));
        }
    }

    private static String digest(Path directory) throws IOException {
        return Site.sha256(Charts.contentDigest(chart(directory)) + " "
                + Artifacts.digest(directory.resolve("values.json")) + " "
                + Files.readString(directory.resolve(REVISION)));
    }

    private void copy(Revision found, Path directory) throws IOException, InterruptedException {
        Files.createDirectories(backups);
        Path next = Files.createTempDirectory(backups, "next", OURS);
        try {
            if (found.chart().path("metadata").path("dependencies").isEmpty()) {
                rebuild(found.chart(), next.resolve("chart"));
            } else {
                fetch(found, next);
            }
            write(next.resolve("values.json"), JSON.writeValueAsBytes(found.values()));
            write(
                    next.resolve(REVISION),
                    Integer.toString(found.number()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            write(next.resolve(DIGEST), digest(next).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
            Artifacts.sync(backups);
        } finally {
            delete(next);
        }
    }

    private static void rebuild(JsonNode chart, Path directory) throws IOException {
        write(directory.resolve("Chart.yaml"), JSON.writeValueAsBytes(chart.path("metadata")));
        write(
                directory.resolve("values.yaml"),
                JSON.writeValueAsBytes(
                        chart.path("values").isObject() ? chart.path("values") : JSON.createObjectNode()));
        if (chart.path("schema").isTextual()) {
            write(
                    directory.resolve("values.schema.json"),
                    Base64.getDecoder().decode(chart.path("schema").asText()));
        }
        for (String part : new String[] {"templates", "files"}) {
            for (JsonNode file : chart.path(part)) {
                Path path = directory.resolve(file.path("name").asText()).normalize();
                if (!path.startsWith(directory)) {
                    throw new IOException("the chart has a file outside of itself: " + file.path("name"));
                }
                write(path, Base64.getDecoder().decode(file.path("data").asText()));
            }
        }
    }

    private void fetch(Revision found, Path next) throws IOException, InterruptedException {
        Charts.Chart chart = charts.of(site, Version.of(found.chartVersion()));
        String name = Helming.show(site, chart.path()).path("name").asText();
        if (!name.equals(found.chart().path("metadata").path("name").asText()) || Files.isDirectory(chart.path())) {
            throw new Refused(Failed.forGood(
                    Failure.BACKUP_FAILED,
                    "the chart of " + found + " depends on others, which Helm does not keep, and " + chart.from()
                            + " is no archive of it",
                    "Make the chart's version available where setting chart says"));
        }
        write(next.resolve("chart.tgz"), Files.readAllBytes(chart.path()));
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent(), OURS);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes);
        Artifacts.sync(file);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private Path directory(String id) {
        return backups.resolve(id.replaceAll("[^A-Za-z0-9._-]", "-"));
    }
}
