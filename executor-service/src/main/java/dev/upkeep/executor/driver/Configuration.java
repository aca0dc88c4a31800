package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies of the files that configure a component: under {@code configuration} in the executor's directory of backups, readable by its user
 * alone, since an {@code .env} holds secrets.
 */
public final class Configuration {
    private static final String LIST = "files";
    private static final String ABSENT = "absent";

    private final Path backups;
    private final String kind;

    /**
     * @param backups the executor's directory of backups
     * @param driver whose copies they are: the first word of their ids
     */
    public Configuration(Path backups, String driver) {
        this.backups = backups.resolve("configuration");
        this.kind = driver + ":";
    }

    /**
     * What is copied.
     *
     * @param directory of the files, for a person
     * @param files by their places; one that is not there is not there again once it is put back
     * @param leftAlone those of them that something else puts back
     */
    public record Source(Path directory, List<Path> files, Set<Path> leftAlone) {
        public Source {
            files = List.copyOf(files);
            leftAlone = Set.copyOf(leftAlone);
        }
    }

    /**
     * One file of a copy.
     *
     * @param digest of its content, or {@code absent} if there was none
     */
    private record Kept(String digest, Path file, Path copy) {
        boolean wasThere() {
            return !digest.equals(ABSENT);
        }

        /** Whether a file has the content that this one had. */
        boolean is(Path other) throws IOException {
            return wasThere()
                    ? Files.isRegularFile(other)
                            && Artifacts.digest(other).value().equals(digest)
                    : Files.notExists(other);
        }
    }

    /** By which the catalogue of facts knows the copy that a step makes. */
    public String id(StepRequested request) {
        return kind + request.upgrade() + ":" + request.step();
    }

    /** Whether there is a copy of this step, whole. */
    public boolean has(String id) throws IOException {
        return Files.exists(directory(id).resolve(LIST)) && undamaged(kept(id));
    }

    /** Copies the files, unless there is a copy of what is there now. */
    public Outcome backUp(String id, Source source) {
        try {
            // A copy of before the files were mended is none of what is there now.
            if (!has(id) || !isAsKept(kept(id))) {
                copy(id, source);
            }
            List<Kept> kept = kept(id);
            if (!undamaged(kept) || !isAsKept(kept)) {
                return Failed.retryable(
                        Failure.BACKUP_MISMATCH,
                        "the copy of " + source.directory() + " is not what its source was",
                        "Find out who changes the files meanwhile, then retry");
            }
            return new Done(
                    found(id),
                    "copied " + kept.stream().filter(Kept::wasThere).count() + " files of " + source.directory()
                            + " and compared them");
        } catch (IOException e) {
            throw Artifacts.trouble("can't copy the configuration of " + source.directory(), e);
        }
    }

    /** The facts that a copy gives. */
    public static Map<String, String> found(String id) {
        return Map.of(Fact.CONFIGURATION_BEFORE, id, Fact.CONFIGURATION_PROVEN, "true");
    }

    /** Puts the files back that the fact names. */
    public Outcome restore(StepRequested request, Source source) {
        try {
            List<Kept> kept = toRestore(request, source);
            int changed = 0;
            for (Kept one : kept) {
                if (!one.is(one.file())) {
                    putBack(one);
                    changed++;
                }
            }
            if (!isAsKept(kept)) {
                return Failed.retryable(
                        Failure.RESTORE_FAILED,
                        "the files of " + source.directory() + " are not what they were, although they were put back",
                        "Find out who changes them meanwhile, then retry");
            }
            return new Done(
                    Map.of(),
                    "put " + changed + " of " + kept.size() + " files of " + source.directory()
                            + " back and compared them");
        } catch (IOException e) {
            throw Artifacts.trouble("can't put the configuration of " + source.directory() + " back", e);
        }
    }

    /** Whether all is as it was. */
    public boolean isRestored(StepRequested request, Source source) throws IOException {
        return isAsKept(toRestore(request, source));
    }

    private static boolean isAsKept(List<Kept> kept) throws IOException {
        for (Kept one : kept) {
            if (!one.is(one.file())) {
                return false;
            }
        }
        return true;
    }

    private List<Kept> toRestore(StepRequested request, Source source) throws IOException {
        String id = request.facts().get(Fact.CONFIGURATION_BEFORE);
        if (id == null || !id.startsWith(kind)) {
            throw new Refused(Failed.forGood(
                    Failure.FACT_MISSING,
                    "it is not known which copy to put back: the fact " + Fact.CONFIGURATION_BEFORE + " is "
                            + (id == null ? "missing" : id),
                    "Put the files back by hand"));
        }
        if (!Files.exists(directory(id).resolve(LIST))) {
            throw new Refused(Failed.forGood(
                    Failure.BACKUP_MISSING,
                    "there is no copy " + id + " in " + backups,
                    "Find the executor's directory of backups that it was made in, or put the files back by hand"));
        }
        List<Kept> kept = kept(id);
        if (!undamaged(kept)) {
            throw new Refused(Failed.forGood(
                    Failure.BACKUP_DAMAGED,
                    "the copy " + id + " in " + backups + " is not as it was written",
                    "Put the files back by hand"));
        }
        return kept.stream()
                .filter(one -> !source.leftAlone().contains(one.file()))
                .toList();
    }

    private void copy(String id, Source source) throws IOException {
        Files.createDirectories(backups);
        Path next = Files.createTempDirectory(
                backups, "next", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            List<String> list = new ArrayList<>();
            for (Path file : source.files()) {
                if (Files.exists(file)) {
                    Path copy = next.resolve(Integer.toString(list.size()));
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                    Artifacts.sync(copy);
                    list.add(Artifacts.digest(file).value() + " " + file);
                } else {
                    list.add(ABSENT + " " + file);
                }
            }
            Files.write(next.resolve(LIST), list);
            Artifacts.sync(next.resolve(LIST));
            delete(directory(id));
            Files.move(next, directory(id), StandardCopyOption.ATOMIC_MOVE);
            Artifacts.sync(backups);
        } finally {
            delete(next);
        }
    }

    private static void putBack(Kept one) throws IOException {
        if (!one.wasThere()) {
            Files.deleteIfExists(one.file());
            return;
        }
        Path file = Files.exists(one.file()) ? one.file().toRealPath() : one.file();
        Path next = file.resolveSibling(file.getFileName() + ".upkeep-next");
        Files.copy(one.copy(), next, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Artifacts.sync(next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<Kept> kept(String id) throws IOException {
        Path directory = directory(id);
        List<Kept> kept = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve(LIST))) {
            String[] words = line.split(" ", 2);
            if (words.length == 2) {
                kept.add(new Kept(words[0], Path.of(words[1]), directory.resolve(Integer.toString(kept.size()))));
            }
        }
        return kept;
    }

    private static boolean undamaged(List<Kept> kept) throws IOException {
        for (Kept one : kept) {
            if (one.wasThere() && !one.is(one.copy())) {
                return false;
            }
        }
        return !kept.isEmpty();
    }

    private Path directory(String id) {
        return backups.resolve(id.replaceAll("[^A-Za-z0-9._-]", "_"));
    }

    private static void delete(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
