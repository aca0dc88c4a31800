package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Configuration;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A component's place in a directory with a Makefile, as its settings say, and those of the set that it moves with.
 *
 * <p>What becomes a word of make's, or a value that make or a shell reads, is one of a few characters: none of them
 * means anything to either.
 *
 * @param set the component that this one moves together with; itself if it names none
 * @param environment of make, podman and commands; all of it
 * @param secrets values that must not be told
 */
record Site(Target target, Target set, Path directory, Map<String, String> environment, Set<String> secrets) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    /** What a variable of the file is called that nobody should read. */
    private static final Pattern SECRET = Pattern.compile("(?i).*(PASS|SECRET|TOKEN|KEY|CREDENTIAL|ROLE_ID).*");

    /** Where programs find things; a message without them says nothing. */
    private static final Set<String> PLACES = Set.of(
            "CONTAINER_HOST",
            "CONTAINERS_CONF",
            "CONTAINERS_REGISTRIES_CONF",
            "CONTAINERS_STORAGE_CONF",
            "HOME",
            "PATH",
            "REGISTRY_AUTH_FILE",
            "XDG_RUNTIME_DIR");

    /** What is shorter stands in too many words. */
    private static final int SHORTEST_SECRET = 6;

    static Site of(StepRequested request, Work work) {
        Target target = request.target();
        Secrets secrets = work.secrets();
        Path directory =
                Path.of(secrets.need(target, "directory")).toAbsolutePath().normalize();
        if (!Files.isDirectory(directory)) {
            throw new Refused(Failed.retryable(
                    Failure.FILE_TROUBLE,
                    "the directory " + directory + " is not there",
                    "Mount it where the executor runs, or correct the setting directory"));
        }
        Map<String, String> environment = new HashMap<>();
        Target set = request.uses().getOrDefault("set", target);
        for (Target each : List.of(set, target)) {
            each.settings().forEach((key, value) -> {
                if (key.startsWith("env.")) {
                    environment.put(key.substring("env.".length()), secrets.resolve(value));
                }
            });
        }
        Set<String> hidden = environment.entrySet().stream()
                .filter(e -> !PLACES.contains(e.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        EnvFile.read(directory.resolve(".env")).forEach((name, value) -> {
            if (SECRET.matcher(name).matches()) {
                hidden.add(value);
            }
        });
        // For a definition that marks its pod with them, as labels.
        environment.put("UPKEEP_TOKEN", request.token().toString());
        environment.put("UPKEEP_STEP", request.step().value());
        Site site = new Site(target, set, directory, Map.copyOf(environment), Set.copyOf(hidden));
        site.check();
        return site;
    }

    /** Refuses what could mean more to make, or to a shell that reads the file of variables, than it says. */
    private void check() {
        for (String key : List.of("pod", "profile", "login", "pod-prefix")) {
            setting(key).ifPresent(value -> word(key, value));
        }
        words("pods").forEach(value -> word("pods", value));
        words("again").forEach(value -> word("again", value));
        tagVariable().filter(name -> !VARIABLE.matcher(name).matches()).ifPresent(name -> {
            throw refused("tag-variable", name, "the name of a variable");
        });
    }

    private String word(String key, String value) {
        if (!WORD.matcher(value).matches()) {
            throw refused(key, value, "a word of letters, digits, dots, dashes and underscores");
        }
        return value;
    }

    private Refused refused(String key, String value, String what) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING,
                "setting " + key + " '" + value + "' of " + target.component() + " is not " + what,
                "Correct the setting"));
    }

    /** A task's name as a target of the Makefile. */
    String task(String name) {
        if (!WORD.matcher(name).matches()) {
            throw new Refused(Failed.forGood(
                    Failure.UNKNOWN_TASK,
                    "'" + name + "' is no target of a Makefile",
                    "Name the task by letters, digits, dots, dashes and underscores"));
        }
        return name;
    }

    /** What the variable of the set holds for a version. */
    String tag(Version version) {
        if (!TAG.matcher(version.toString()).matches()) {
            throw new Refused(Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "version " + version + " can't be an image's tag, which is written into .env",
                    "Publish the release under a version of letters, digits, dots and dashes"));
        }
        return version.toString();
    }

    /** A setting as it is written: the component's own, else its set's. */
    Optional<String> setting(String key) {
        return Optional.ofNullable(target.settings().get(key))
                .or(() -> Optional.ofNullable(set.settings().get(key)));
    }

    private List<String> words(String key) {
        return Pattern.compile("\\s+")
                .splitAsStream(setting(key).orElse("").strip())
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The pod that it is, as make is told; nothing for the set itself. */
    Optional<String> pod() {
        return Optional.ofNullable(target.settings().get("pod"));
    }

    /** The names by which podman knows the pods that the step is about: its own, else those of its set. */
    List<String> pods() {
        String prefix = setting("pod-prefix").orElse("");
        return pod().map(List::of).orElseGet(() -> words("pods")).stream()
                .map(pod -> prefix + pod)
                .toList();
    }

    Optional<String> profile() {
        return setting("profile");
    }

    Optional<String> login() {
        return setting("login");
    }

    Optional<String> tagVariable() {
        return setting("tag-variable");
    }

    /** Of its own: of a set that migrates, one pod does. */
    boolean migratesOnStart() {
        return "on-start".equals(target.settings().get("migrates"));
    }

    /** By which patterns its log tells of migrations. */
    MigrationLog migrationLog() {
        return MigrationLog.of(target.component().toString(), this::setting);
    }

    /** Whether a task may be run again when nobody knows how far it came. */
    boolean again(String task) {
        return words("again").contains(task);
    }

    Path variables() {
        return directory.resolve(".env");
    }

    /** Where the fence is, and what has run. */
    Path home() {
        return directory.resolve(".upkeep");
    }

    /** The file that defines its pod, where its image is written into that. */
    Optional<Path> definition() {
        return setting("definition").map(this::inside);
    }

    private Path inside(String name) {
        Path file = directory.resolve(name).normalize();
        if (!file.startsWith(directory)) {
            throw refused("definition", name, "a file in " + directory);
        }
        return file;
    }

    /** All that its configuration consists of: what its patterns name is looked for each time. */
    Configuration.Source configuration() {
        Set<Path> files = new LinkedHashSet<>();
        files.add(variables());
        definition().ifPresent(files::add);
        for (String pattern : words("files")) {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + directory + "/" + pattern);
            try (Stream<Path> all = Files.walk(directory)) {
                all.filter(file -> !file.startsWith(home()) && matcher.matches(file) && Files.isRegularFile(file))
                        .sorted()
                        .forEach(files::add);
            } catch (IOException e) {
                throw Artifacts.trouble("can't look for " + pattern + " in " + directory, e);
            }
        }
        return new Configuration.Source(directory, List.copyOf(files), Set.of());
    }

    /** What a program said, without the values that it was given: what is told goes further than they may. */
    String masked(String text) {
        String masked = text;
        List<String> values = secrets.stream()
                .filter(value -> value.length() >= SHORTEST_SECRET)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        for (String value : values) {
            masked = masked.replace(value, "***");
        }
        return masked;
    }

    @Override
    public String toString() {
        return "Site[" + target.component() + ", " + directory + "]";
    }
}
