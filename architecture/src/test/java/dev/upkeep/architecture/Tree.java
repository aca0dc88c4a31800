package dev.upkeep.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The repository as the tests see it: its root, its modules, and the classes of those that are watched. */
final class Tree {
    static final Path ROOT = root();

    /** Modules whose classes must keep the rules. A new module is added here, and in this module's pom for its order. */
    static final List<String> WATCHED = List.of(
            "contract",
            "access",
            "messaging",
            "secrets",
            "planner-core",
            "planner-service",
            "executor-service",
            "verifier-service",
            "notifier-service",
            "bundle",
            "cli",
            "deploy/gate",
            "deploy/local");

    /** Modules that are no part of what runs at a customer's: the sample product, what tests stand on, tests, the bench. */
    static final List<String> UNWATCHED =
            List.of("deploy/sample", "deploy/embedded", "testing", "architecture", "suite", "bench");

    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private Tree() {}

    static JavaClasses watchedClasses() {
        List<Path> places = WATCHED.stream().map(Tree::classesOf).toList();
        return new ClassFileImporter().importPaths(places);
    }

    static Path classesOf(String module) {
        Path classes = ROOT.resolve(module).resolve("target/classes");
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException(
                    classes + " is not there: build it with ./mvnw -pl architecture -am test-compile");
        }
        return classes;
    }

    static List<String> modulesOfTheReactor() {
        return MODULE.matcher(read(ROOT.resolve("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** Each line that matches, as path:line: text, in the files under a directory whose names end so. */
    static List<String> lines(Path directory, String suffix, Pattern wanted) {
        List<String> found = new ArrayList<>();
        for (Path file : files(directory, suffix)) {
            List<String> lines = read(file).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (wanted.matcher(lines.get(i)).find()) {
                    found.add(directory.relativize(file) + ":" + (i + 1) + ": "
                            + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    static List<Path> files(Path directory, String suffix) {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path given =
                Path.of(Optional.ofNullable(System.getProperty("upkeep.root")).orElse(".."));
        Path root = given.toAbsolutePath().normalize();
        if (!Files.exists(root.resolve(".mvn/jvm.config"))) {
            throw new IllegalStateException(root + " is not the repository; give -Dupkeep.root");
        }
        return root;
    }
}
