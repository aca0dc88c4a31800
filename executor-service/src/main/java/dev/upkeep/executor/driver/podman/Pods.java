package dev.upkeep.executor.driver.podman;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.Token;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which pods stand there, and what their containers are made of. */
final class Pods {
    static final String TOKEN = "dev.upkeep.token";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Shop shop;

    Pods(Shop shop) {
        this.shop = shop;
    }

    /**
     * A pod as podman describes it.
     *
     * @param token of the attempt that made it, if its definition marks it; else 0
     * @param containers without the one that only holds the pod together
     */
    record Pod(String id, String name, long token, List<Container> containers) {
        boolean runs() {
            return !containers.isEmpty() && containers.stream().allMatch(c -> c.runs() || c.hasDone());
        }

        boolean alive() {
            return containers.stream().anyMatch(Container::alive);
        }
    }

    /**
     * One of its containers.
     *
     * @param image the id of what it is made of
     * @param repository the name that it was asked for by, without tag or digest
     * @param status such as {@code running}, {@code exited}
     * @param health such as {@code healthy}, {@code starting}; empty if nobody looks after it
     */
    record Container(
            String name,
            String image,
            String repository,
            String status,
            int exit,
            int restarts,
            boolean comesBack,
            String health) {
        boolean runs() {
            return status.equals("running");
        }

        boolean alive() {
            return runs() || status.equals("paused") || status.equals("restarting") || status.equals("stopping");
        }

        /** Whether it ended as it should, such as one that only prepares. */
        boolean hasDone() {
            return status.equals("exited") && exit == 0 && !comesBack;
        }

        boolean failed(int before) {
            return (status.equals("exited") && !hasDone()) || health.equals("unhealthy") || restarts > before;
        }

        String told() {
            return name + " is " + status
                    + (status.equals("exited") ? " with exit code " + exit : "")
                    + (restarts > 0 ? ", after " + restarts + " restarts" : "")
                    + (health.isEmpty() ? "" : ", " + health);
        }
    }

    /** A pod, if it is there. */
    Optional<Pod> find(Site site, String name, Work work) throws InterruptedException {
        Said there = shop.look(site, List.of("pod", "exists", name), work);
        if (there.exit() == 1) {
            return Optional.empty();
        }
        if (!there.well()) {
            // What is not seen would count for stopped.
            throw new Refused(Shop.down(there.last(site)));
        }
        JsonNode pod = asked(site, List.of("pod", "inspect", name), work);
        pod = pod.isArray() ? pod.path(0) : pod;
        String infra = pod.path("InfraContainerID").asText();
        List<String> ids = new ArrayList<>();
        for (JsonNode each : pod.path("Containers")) {
            if (!each.path("Id").asText().equals(infra)) {
                ids.add(each.path("Id").asText());
            }
        }
        String token = pod.path("Labels").path(TOKEN).asText("");
        return Optional.of(new Pod(
                pod.path("Id").asText(),
                name,
                token.matches("\\d{1,18}") ? Long.parseLong(token) : 0,
                ids.isEmpty() ? List.of() : containers(site, ids, work)));
    }

    /** Those of some that are there. */
    List<Pod> all(Site site, List<String> names, Work work) throws InterruptedException {
        List<Pod> all = new ArrayList<>();
        for (String name : names) {
            find(site, name, work).ifPresent(all::add);
        }
        return all;
    }

    private List<Container> containers(Site site, List<String> ids, Work work) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("container", "inspect"));
        arguments.addAll(ids);
        List<Container> containers = new ArrayList<>();
        for (JsonNode each : asked(site, arguments, work)) {
            JsonNode state = each.path("State");
            String policy =
                    each.path("HostConfig").path("RestartPolicy").path("Name").asText("");
            containers.add(new Container(
                    each.path("Name").asText(),
                    each.path("Image").asText(),
                    each.path("ImageName").asText().replaceFirst("[:@][^/]*$", ""),
                    state.path("Status").asText(),
                    state.path("ExitCode").asInt(),
                    each.path("RestartCount").asInt(),
                    policy.equals("always") || policy.equals("unless-stopped"),
                    state.path("Health").path("Status").asText("")));
        }
        return containers;
    }

    /** The id of an image, if podman has it. */
    Optional<String> image(Site site, String reference, Work work) throws InterruptedException {
        Said said = shop.look(site, List.of("image", "exists", reference), work);
        if (said.exit() == 1) {
            return Optional.empty();
        }
        if (!said.well()) {
            throw new Refused(Shop.down(said.last(site)));
        }
        return Optional.of(asked(site, List.of("image", "inspect", reference), work)
                .path(0)
                .path("Id")
                .asText());
    }

    /** The digests under which an image is known. */
    List<String> digests(Site site, String reference, Work work) throws InterruptedException {
        JsonNode image =
                asked(site, List.of("image", "inspect", reference), work).path(0);
        List<String> digests = new ArrayList<>(List.of(image.path("Digest").asText()));
        image.path("RepoDigests").forEach(each -> digests.add(each.asText().replaceFirst("^.*@", "")));
        return digests.stream().distinct().toList();
    }

    private JsonNode asked(Site site, List<String> arguments, Work work) throws InterruptedException {
        Said said = shop.look(site, arguments, work);
        if (!said.well()) {
            throw new Refused(Shop.down(said.last(site)));
        }
        try {
            // Warnings come before it, on lines of their own.
            String text = said.text();
            int from = text.startsWith("[") || text.startsWith("{")
                    ? 0
                    : Math.max(text.indexOf("\n["), text.indexOf("\n{")) + 1;
            return JSON.readTree(text.substring(from));
        } catch (JsonProcessingException e) {
            // Not what it said: that may hold secrets.
            throw new Refused(Shop.down("it did not answer in JSON, at " + e.getLocation()), e);
        }
    }

    /**
     * The part of the fence that podman holds, where a definition marks its pod with the token.
     *
     * @throws Refused {@link Failure#STALE_TOKEN}
     */
    static void fence(Site site, List<Pod> pods, Token token) {
        pods.stream().filter(p -> p.token() > token.value()).findFirst().ifPresent(later -> {
            throw new Refused(Failed.forGood(
                    Failure.STALE_TOKEN,
                    "token " + token + " is lower than " + later.token() + ", by which pod " + later.name() + " of "
                            + site.directory() + " was made",
                    "Nothing to do: a later attempt has taken over"));
        });
    }

    static String told(List<Pod> pods) {
        return pods.stream()
                .map(p -> p.containers().isEmpty()
                        ? p.name() + " has no container"
                        : p.containers().stream().map(Container::told).collect(Collectors.joining(", ")))
                .collect(Collectors.joining(", "));
    }
}
