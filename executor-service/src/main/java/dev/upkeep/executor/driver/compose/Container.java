package dev.upkeep.executor.driver.compose;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A container as the engine describes it.
 *
 * @param image the id of the image that it was made of
 * @param status such as {@code running}, {@code restarting}, {@code exited}
 * @param restart what the engine does when it ends, such as {@code always}; {@code no} where nothing
 * @param health such as {@code healthy}, {@code starting}; empty if nobody looks after it
 * @param version the one that Upkeep brought; empty if it did not make the container
 * @param token of the attempt that made it; 0 if that was not Upkeep's
 */
record Container(
        String id,
        String name,
        String image,
        String service,
        boolean oneOff,
        String status,
        int exit,
        int restarts,
        String restart,
        String health,
        String version,
        long token) {
    static final String VERSION = "dev.upkeep.version";
    static final String TOKEN = "dev.upkeep.token";
    static final String PROJECT = "com.docker.compose.project";
    private static final String SERVICE = "com.docker.compose.service";
    private static final String ONE_OFF = "com.docker.compose.oneoff";

    static Container of(JsonNode inspected) {
        JsonNode state = inspected.path("State");
        JsonNode labels = inspected.path("Config").path("Labels");
        String token = labels.path(TOKEN).asText("");
        return new Container(
                inspected.path("Id").asText(),
                inspected.path("Name").asText().replaceFirst("^/", ""),
                inspected.path("Image").asText(),
                labels.path(SERVICE).asText(""),
                labels.path(ONE_OFF).asText("").equalsIgnoreCase("true"),
                state.path("Status").asText(""),
                state.path("ExitCode").asInt(),
                inspected.path("RestartCount").asInt(),
                inspected.path("HostConfig").path("RestartPolicy").path("Name").asText(""),
                state.path("Health").path("Status").asText(""),
                labels.path(VERSION).asText(""),
                token.matches("\\d{1,18}") ? Long.parseLong(token) : 0);
    }

    boolean runs() {
        return status.equals("running");
    }

    /** Whether it may do something, now or by itself later. */
    boolean alive() {
        return runs() || status.equals("restarting") || status.equals("paused");
    }

    /** Whether it runs and whoever looks after its health is content. */
    boolean up() {
        return runs() && (health.isEmpty() || health.equals("healthy"));
    }

    /** The same of one that nobody may watch for a while: without a health check it must never have been restarted. */
    boolean surelyUp() {
        return up() && (restarts == 0 || !health.isEmpty());
    }

    /**
     * Whether it will not come up by itself any more, or only over and over.
     *
     * @param before how often it had been restarted when it began to be watched
     */
    boolean failed(int before) {
        return status.equals("exited")
                || status.equals("dead")
                || status.equals("restarting")
                || restarts > before
                || health.equals("unhealthy");
    }

    /** Whether the engine leaves it alone when it has ended, as it does after a stop of ours. */
    boolean staysDown() {
        return restart.isEmpty() || restart.equals("no");
    }

    String told() {
        return name + " is " + status
                + (status.equals("exited") ? " with exit code " + exit : "")
                + (restarts > 0 ? ", after " + restarts + " restarts" : "")
                + (health.isEmpty() ? "" : ", " + health);
    }
}
