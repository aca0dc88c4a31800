package dev.upkeep.executor.driver.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A gate's admin port. */
final class Admin {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI gate;

    private Admin(URI gate) {
        this.gate = gate;
    }

    static Admin of(StepRequested request, Work work) {
        String setting = work.secrets().need(request.target(), "admin");
        try {
            return new Admin(URI.create(setting.endsWith("/") ? setting + "gate" : setting + "/gate"));
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting admin '" + setting + "' of " + request.target().component() + " is no URL",
                    "Use the gate's admin address, such as http://127.0.0.1:9000"));
        }
    }

    Standing get() throws InterruptedException {
        return send(HttpRequest.newBuilder(gate).timeout(TIMEOUT).GET().build());
    }

    Standing put(String state, int retryAfter, Token token) throws InterruptedException {
        String order = JSON.createObjectNode()
                .put("state", state)
                .put("retryAfter", retryAfter)
                .put("token", token.value())
                .toString();
        return send(HttpRequest.newBuilder(gate)
                .timeout(TIMEOUT)
                .header("content-type", "application/json")
                .PUT(BodyPublishers.ofString(order))
                .build());
    }

    private Standing send(HttpRequest request) throws InterruptedException {
        HttpResponse<String> answer;
        try {
            answer = HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Refused(
                    Failed.retryable(
                            Failure.GATE_DOWN, "gate " + gate + ": " + e, "Check that the gate runs and answers there"),
                    e);
        }
        return switch (answer.statusCode()) {
            case 200 -> standing(answer.body());
            case 409 ->
                throw new Refused(Failed.forGood(
                        Failure.STALE_TOKEN,
                        "gate " + gate + ": " + answer.body(),
                        "Nothing to do: a later attempt has taken over"));
            default ->
                throw new Refused(new Failed(
                        Failure.GATE_REFUSED,
                        "gate " + gate + " answered " + answer.statusCode() + ": " + answer.body(),
                        "Check that the setting admin leads to a gate",
                        answer.statusCode() >= 500));
        };
    }

    private Standing standing(String body) {
        try {
            JsonNode fields = JSON.readTree(body);
            return new Standing(
                    fields.required("state").asText(),
                    fields.required("token").asLong(),
                    fields.required("inFlight").asInt(),
                    Math.max(1, fields.required("retryAfter").asInt()));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new Refused(
                    Failed.forGood(
                            Failure.GATE_REFUSED,
                            "gate " + gate + " answered what is no gate's standing: " + e.getMessage(),
                            "Check that the setting admin leads to a gate"),
                    e);
        }
    }
}
