package dev.upkeep.executor.driver.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.Token;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.compose.Engine.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands there: how compose understands the project, and which containers it has. */
final class Standing {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PLACE = Pattern.compile("invalid interpolation format for \\S+|\\.env: line \\d+");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    private final Engine engine;

    Standing(Engine engine) {
        this.engine = engine;
    }

    /** The project as compose resolves it; it holds secrets and is never told. */
    JsonNode definition(Project project, List<String> chosen, Work work) throws InterruptedException {
        List<String> arguments = new ArrayList<>(chosen);
        // A service that only a profile brings up is one of the project, too.
        arguments.addAll(1, List.of("--profile", "*"));
        arguments.addAll(List.of("config", "--format", "json"));
        Said said = engine.look(project, arguments, work);
        if (!said.well()) {
            throw new Refused(Failed.forGood(
                    Failure.FILE_TROUBLE,
                    "compose can't read " + project.file() + place(said.text()),
                    "Run docker compose config in " + project.directory()
                            + ", correct what it complains of, then retry"));
        }
        // Warnings come before and after it, on lines of their own.
        String text = said.text();
        int from = text.startsWith("{") ? 0 : text.indexOf("\n{") + 1;
        int to = text.lastIndexOf("\n}") + 2;
        JsonNode definition = parsed(text.substring(from, Math.max(from, to)));
        if (!definition.path("services").has(project.service())) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    project.file() + " has no service " + project.service(),
                    "Correct the setting service, or the file"));
        }
        return definition;
    }

    /** Where it is malformed, where that is all that is said: the rest may quote a secret. */
    private static String place(String text) {
        Matcher place = PLACE.matcher(text);
        return place.find() ? ": " + place.group().replaceFirst("[.:,]+$", "") : "";
    }

    /** All of the project's containers, the stopped ones too. */
    List<Container> containers(Project project, Work work) throws InterruptedException {
        String name = definition(project, project.chosen(), work).path("name").asText();
        Said listed = engine.look(
                project,
                List.of("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=" + Container.PROJECT + "=" + name),
                work);
        if (!listed.well()) {
            // No list is not an empty one: what is not seen would count for stopped.
            throw Engine.blind(project, listed);
        }
        return inspected(
                project,
                listed.lines().stream()
                        .filter(line -> ID.matcher(line).matches())
                        .toList(),
                work);
    }

    /** Those that are still there of some. */
    List<Container> inspected(Project project, List<String> ids, Work work) throws InterruptedException {
        List<Container> containers = new ArrayList<>();
        if (ids.isEmpty()) {
            return containers;
        }
        List<String> arguments = new ArrayList<>(List.of("container", "inspect"));
        arguments.addAll(ids);
        Said said = engine.look(project, arguments, work);
        if (!said.well() && !said.complainsOnlyOf("no such container")) {
            throw Engine.blind(project, said);
        }
        for (JsonNode each : array(said.text())) {
            containers.add(Container.of(each));
        }
        return containers;
    }

    /** Those that run the component's service, without one-off ones. */
    static List<Container> ofService(Project project, List<Container> containers) {
        return containers.stream()
                .filter(c -> c.service().equals(project.service()) && !c.oneOff())
                .toList();
    }

    /** Whether the project wants its service brought back when it has ended. */
    boolean wantsRestarts(Project project, Work work) throws InterruptedException {
        JsonNode service =
                definition(project, project.chosen(), work).path("services").path(project.service());
        String plain = service.path("restart").asText("no");
        String deployed =
                service.path("deploy").path("restart_policy").path("condition").asText("none");
        return (!plain.isEmpty() && !plain.equals("no")) || !deployed.equals("none");
    }

    /**
     * Has the engine leave containers down that are about to be stopped: with {@code restart: always} it would bring
     * them back when it is itself started again, in the midst of a migration. The next {@code up} makes them anew, by
     * the file.
     */
    Optional<Failed> keepDown(Project project, List<Container> containers, Work work) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("update", "--restart", "no"));
        containers.stream()
                .filter(c -> !c.staysDown()
                        && !c.status().equals("dead")
                        && !c.status().equals("removing"))
                .map(Container::id)
                .forEach(arguments::add);
        if (arguments.size() == 3) {
            return Optional.empty();
        }
        Said said = engine.act(project, arguments, work);
        return said.well()
                ? Optional.empty()
                : Optional.of(Failed.retryable(
                        Failure.STOP_FAILED,
                        "the engine would bring " + project.service() + " back, and that can't be changed: "
                                + said.tail(project),
                        "See what docker update --restart no says to its containers"));
    }

    /** The id of an image, if the engine has it. */
    Optional<String> image(Project project, String reference, Work work) throws InterruptedException {
        Said said = engine.look(project, List.of("image", "inspect", reference), work);
        if (!said.well()) {
            if (!said.complainsOnlyOf("no such image")) {
                throw Engine.blind(project, said);
            }
            return Optional.empty();
        }
        return Optional.of(array(said.text()).path(0).path("Id").asText()).filter(id -> !id.isEmpty());
    }

    /**
     * The part of the fence that the engine holds: containers bear the token of the attempt that made them.
     *
     * @throws Refused {@link Failure#STALE_TOKEN}
     */
    static void fence(Project project, List<Container> containers, Token token) {
        containers.stream().filter(c -> c.token() > token.value()).findFirst().ifPresent(later -> {
            throw new Refused(Failed.forGood(
                    Failure.STALE_TOKEN,
                    "token " + token + " is lower than " + later.token() + ", by which container " + later.name()
                            + " of " + project.directory() + " was made",
                    "Nothing to do: a later attempt has taken over"));
        });
    }

    private static JsonNode array(String text) {
        int from = text.startsWith("[") ? 0 : text.indexOf("\n[") + 1;
        int to = text.lastIndexOf(']') + 1;
        return parsed(text.substring(from, Math.max(from, to)));
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // Not what it said: that may hold secrets.
            throw new IllegalStateException("docker did not answer in JSON, at " + e.getLocation(), e);
        }
    }
}
