package dev.upkeep.executor.driver.compose;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs docker's client, by argument lists and with a deadline, and gives what goes wrong with it a name. */
final class Engine {
    /** How long something that only looks may take. */
    private static final Duration LOOK = Duration.ofSeconds(30);

    private static final int MOST = 4_000_000;
    private static final Pattern NEEDS_VARIABLE =
            Pattern.compile("required variable (\\S+) is missing a value(?:: (.*))?");

    private final Programs programs;
    private final Places places;

    Engine(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /**
     * How a command ended.
     *
     * @param text all that it said, on both of its channels
     */
    record Said(int exit, String text) {
        boolean well() {
            return exit == 0;
        }

        List<String> lines() {
            return text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        }

        /** Whether all that it complains of is that something is not there; what it found stands beside that. */
        boolean complainsOnlyOf(String missing) {
            List<String> complaints = text.lines()
                    .filter(l -> !l.isBlank() && "[]{} \t".indexOf(l.charAt(0)) < 0)
                    .map(l -> l.toLowerCase(Locale.ROOT))
                    .filter(l -> !l.startsWith("warning"))
                    .toList();
            return !complaints.isEmpty() && complaints.stream().allMatch(l -> l.contains(missing));
        }

        /** The last of it, for a person. */
        String tail(Project project) {
            List<String> lines = lines();
            return project.masked(String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size())));
        }

        /** Its last line, for a person. */
        String last(Project project) {
            List<String> lines = lines();
            return lines.isEmpty() ? "it said nothing" : project.masked(lines.getLast());
        }
    }

    /** Looks, changing nothing; not for longer than a look may take. */
    Said look(Project project, List<String> arguments, Work work) throws InterruptedException {
        Work soon = Nearer.within(LOOK, work);
        try {
            return act(project, arguments, soon);
        } catch (Refused e) {
            if (e.failed().code() != Failure.DEADLINE_PASSED) {
                throw e;
            }
            // Without what it had said by then: that may be half of the project's definition.
            String what = "docker " + arguments.getFirst() + " was not answered ";
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

    /**
     * Carries a command of docker's out.
     *
     * @throws Refused if the engine is down, the client is missing, or the project can't be read
     */
    Said act(Project project, List<String> arguments, Work work) throws InterruptedException {
        List<String> argv = new ArrayList<>();
        argv.add(docker().toString());
        argv.addAll(arguments);
        Said said = run(project, argv, work);
        if (!said.well()) {
            named(project, said).ifPresent(failed -> {
                throw new Refused(failed);
            });
        }
        return said;
    }

    /** Runs another program in the project's directory. */
    Said run(Project project, List<String> argv, Work work) throws InterruptedException {
        try {
            Path output = Files.createTempFile(work.scratch(), "said", ".log");
            try {
                Programs.Ran ran = programs.run(argv, project.environment(), project.directory(), output, work);
                return new Said(ran.exit(), read(output));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (Refused e) {
            Failed failed = e.failed();
            throw new Refused(
                    new Failed(failed.code(), project.masked(failed.reason()), failed.fix(), failed.retryable()), e);
        } catch (IOException e) {
            throw Artifacts.trouble("can't keep what " + argv.getFirst() + " says", e);
        }
    }

    private static String read(Path output) throws IOException {
        return Files.size(output) > MOST
                ? LocalPrograms.tail(output)
                : new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }

    private Path docker() {
        return places.searchPath().stream()
                .map(directory -> directory.resolve("docker"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new Refused(missing("docker was not found on the PATH")));
    }

    private static Failed missing(String what) {
        return Failed.retryable(
                Failure.TOOL_MISSING, what, "Install docker's client and its compose plugin where the executor runs");
    }

    private static Failed down(String why) {
        return Failed.retryable(
                Failure.ENGINE_DOWN,
                "the container engine does not answer: " + why,
                "Start it, or let the executor reach it (env.DOCKER_HOST, the group docker)");
    }

    /** For a look that did not end well: it has not seen anything, not even that nothing is there. */
    static Refused blind(Project project, Said said) {
        return new Refused(Failed.retryable(
                Failure.ENGINE_DOWN,
                "the container engine does not tell what is there: " + said.last(project),
                "See what docker ps and docker inspect say where the executor runs"));
    }

    /** What can go wrong with any command, by what docker and compose say. */
    private static Optional<Failed> named(Project project, Said all) {
        String text = all.text();
        String said = text.toLowerCase(Locale.ROOT);
        if (said.contains("cannot connect to the docker daemon")
                || said.contains("is the docker daemon running")
                || said.contains("error during connect")
                || said.contains("docker daemon socket")) {
            return Optional.of(down(all.last(project)));
        }
        if (said.contains("'compose' is not a docker command")
                || said.contains("unknown command: docker compose")
                || said.contains("unknown flag: --project-directory")) {
            return Optional.of(missing("docker has no compose of version 2"));
        }
        Matcher variable = NEEDS_VARIABLE.matcher(text);
        if (variable.find()) {
            return Optional.of(Failed.forGood(
                    Failure.SETTING_MISSING,
                    project.file() + " needs the variable " + variable.group(1) + ", and nothing sets it",
                    "Set it in " + project.variables() + ", then retry"));
        }
        if (said.contains("no such service")) {
            return Optional.of(Failed.forGood(
                    Failure.SETTING_MISSING,
                    project.file() + " has no service " + project.service(),
                    "Correct the setting service, or the file"));
        }
        if (said.contains("no space left on device")) {
            return Optional.of(
                    Failed.retryable(Failure.DISK_FULL, all.last(project), "Make room on the engine's volume"));
        }
        if (said.contains("port is already allocated") || said.contains("address already in use")) {
            return Optional.of(Failed.retryable(
                    Failure.PORT_TAKEN,
                    all.last(project),
                    "Find what listens there and stop it, or publish another port"));
        }
        return Optional.empty();
    }
}
