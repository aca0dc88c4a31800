package dev.upkeep.executor.driver.process;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.Artifacts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * A component's directory: {@code releases/<version>/artifact.jar}, {@code run/} with what runs and its log, and the
 * token that fences it.
 */
final class Home {
    /** Marks the process of a component, so that it is found even if its executor died before noting its pid. */
    static final String MARK_HOME = "UPKEEP_HOME";

    static final String MARK_VERSION = "UPKEEP_VERSION";
    static final String MARK_TOKEN = "UPKEEP_TOKEN";

    private final Path root;

    Home(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    Path root() {
        return root;
    }

    Path artifact(Version version) {
        return root.resolve("releases").resolve(version.toString()).resolve("artifact.jar");
    }

    Path log() {
        return root.resolve("run").resolve("component.log");
    }

    private Path note() {
        return root.resolve("run").resolve("running");
    }

    /** What runs, by the note and, if that is out of date, by the mark in its environment. */
    Optional<Running> running() {
        return noted().filter(Running::alive).or(this::marked);
    }

    private Optional<Running> noted() {
        Properties note = new Properties();
        try (InputStream in = Files.newInputStream(note())) {
            note.load(in);
            return Optional.of(new Running(
                    Long.parseLong(note.getProperty("pid")),
                    note.getProperty("birth"),
                    Version.of(note.getProperty("version")),
                    new Token(Long.parseLong(note.getProperty("token")))));
        } catch (NoSuchFileException nothingNoted) {
            return Optional.empty();
        } catch (IOException | RuntimeException cutShort) {
            return Optional.empty();
        }
    }

    private Optional<Running> marked() {
        return ProcessTable.leadersWith(MARK_HOME + "=" + root).stream()
                .findFirst()
                .map(entry -> {
                    Map<String, String> marks = ProcessTable.environment(entry.pid()).stream()
                            .filter(variable -> variable.startsWith("UPKEEP_"))
                            .map(variable -> variable.split("=", 2))
                            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a));
                    return new Running(
                            entry.pid(),
                            entry.birth(),
                            Version.of(requireNonNull(marks.get(MARK_VERSION))),
                            new Token(Long.parseLong(requireNonNull(marks.get(MARK_TOKEN)))));
                });
    }

    /** What a component that has ended left behind, such as when the executor that was stopping it died meanwhile. */
    List<ProcessTable.Entry> orphans() {
        return ProcessTable.orphansWith(MARK_HOME + "=" + root);
    }

    void note(Running running) throws IOException {
        Path temporary = Files.createTempFile(note().getParent(), "running", ".tmp");
        Files.write(
                temporary,
                List.of(
                        "pid=" + running.pid(),
                        "birth=" + running.birth(),
                        "version=" + running.version(),
                        "token=" + running.token()));
        Files.move(temporary, note(), StandardCopyOption.ATOMIC_MOVE);
    }

    void forget() throws IOException {
        Files.deleteIfExists(note());
    }

    /** The log of the start before is kept as {@code component.log.1}. */
    void freshLog() throws IOException {
        Files.createDirectories(log().getParent());
        if (Files.exists(log())) {
            Files.move(log(), log().resolveSibling("component.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Whether the version's artifact is there with the digest that its release names. */
    boolean has(Version version, Artifact artifact) throws IOException {
        Path file = artifact(version);
        return Files.isRegularFile(file) && Artifacts.digest(file).equals(artifact.digest());
    }
}
