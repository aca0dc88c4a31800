package dev.upkeep.executor.driver.podman;

import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Nearer;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Runs make and podman, by argument lists and with a deadline, and gives what goes wrong with them a name. */
final class Shop {
    /** How long something that only looks may take. */
    private static final Duration LOOK = Duration.ofSeconds(30);

    private static final int MOST = 4_000_000;

    private final Programs programs;
    private final Places places;

    Shop(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /**
     * How a program ended.
     *
     * @param text all that it said, on both of its channels
     */
    record Said(int exit, String text) {
        boolean well() {
            return exit == 0;
        }

        boolean contains(String words) {
            return text.toLowerCase(Locale.ROOT).contains(words);
        }

        List<String> lines() {
            return text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        }

        /** The last of it, for a person. */
        String tail(Site site) {
            List<String> lines = lines();
            return lines.isEmpty()
                    ? "it said nothing"
                    : site.masked(String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size())));
        }

        /** Its last line, for a person. */
        String last(Site site) {
            List<String> lines = lines();
            return lines.isEmpty() ? "it said nothing" : site.masked(lines.getLast());
        }
    }

    /** Has make do something in the site's directory: a target and variables, none of which a caller made up. */
    Said make(Site site, List<String> words, Work work) throws InterruptedException {
        work.progress("make " + String.join(" ", words));
        List<String> argv = new ArrayList<>(List.of(program("make", "make"), "--no-print-directory"));
        argv.addAll(words);
        return run(site, argv, "", work);
    }

    /** Looks by podman, changing nothing; not for longer than a look may take. */
    Said look(Site site, List<String> arguments, Work work) throws InterruptedException {
        Work soon = Nearer.within(LOOK, work);
        try {
            return podman(site, arguments, soon);
        } catch (Refused e) {
            if (e.failed().code() != Failure.DEADLINE_PASSED) {
                throw e;
            }
            String what = "podman " + arguments.getFirst() + " was not answered ";
            throw new Refused(
                    soon.deadline().isBefore(work.deadline())
                            ? down(what + "within " + LOOK.toSeconds() + " s")
                            : Failed.retryable(
                                    Failure.DEADLINE_PASSED,
                                    what + "before the deadline",
                                    e.failed().fix()),
                    e);
        }
    }

    Said podman(Site site, List<String> arguments, Work work) throws InterruptedException {
        return podman(site, arguments, "", work);
    }

    Said podman(Site site, List<String> arguments, String input, Work work) throws InterruptedException {
        List<String> argv = new ArrayList<>(List.of(program("podman", "podman")));
        argv.addAll(arguments);
        Said said = run(site, argv, input, work);
        if (!said.well()) {
            named(site, said).ifPresent(failed -> {
                throw new Refused(failed);
            });
        }
        return said;
    }

    /** Runs another program in the site's directory. */
    Said run(Site site, List<String> argv, Work work) throws InterruptedException {
        return run(site, argv, "", work);
    }

    private Said run(Site site, List<String> argv, String input, Work work) throws InterruptedException {
        try {
            Path output = Files.createTempFile(work.scratch(), "said", ".log");
            try {
                Programs.Ran ran = programs.run(argv, site.environment(), site.directory(), input, output, work);
                return new Said(ran.exit(), read(output));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (Refused e) {
            Failed failed = e.failed();
            throw new Refused(
                    new Failed(failed.code(), site.masked(failed.reason()), failed.fix(), failed.retryable()), e);
        } catch (IOException e) {
            throw Artifacts.trouble("can't keep what " + argv.getFirst() + " says", e);
        }
    }

    private static String read(Path output) throws IOException {
        return Files.size(output) > MOST
                ? LocalPrograms.tail(output)
                : new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }

    private String program(String name, String debian) {
        return places.searchPath().stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new Refused(Failed.retryable(
                        Failure.TOOL_MISSING,
                        name + " was not found on the PATH",
                        "Install it where the executor runs (Debian: apt-get install " + debian + ")")))
                .toString();
    }

    static Failed down(String why) {
        return Failed.retryable(
                Failure.ENGINE_DOWN,
                "podman does not tell what is there: " + why,
                "See what podman info says where the executor runs (env.CONTAINER_HOST, its user)");
    }

    /** What can go wrong with any command of podman's, by what it says. */
    private static Optional<Failed> named(Site site, Said said) {
        if (said.contains("cannot connect to podman")
                || said.contains("unable to connect to podman")
                || said.contains("error opening database")
                || said.contains("database is locked")) {
            return Optional.of(down(said.last(site)));
        }
        if (said.contains("no space left on device")) {
            return Optional.of(
                    Failed.retryable(Failure.DISK_FULL, said.last(site), "Make room where podman keeps its images"));
        }
        return Optional.empty();
    }
}
