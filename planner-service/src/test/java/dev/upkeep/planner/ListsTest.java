package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every list that there is, found in the OpenAPI document: it comes in pages, each item once, in whatever size is asked for. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class ListsTest {
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");
    /** What is walked of a list that other tests have filled. */
    private static final int WALKED = 25;

    @TestHTTPResource
    URL url;

    @Test
    void comeInPagesOfAnySizeWithEachItemOnce() throws IOException {
        Planner olga = new Planner(url.toString(), Tokens.staff("olga", "operator"));
        Planner carla = new Planner(url.toString(), Tokens.customer("carla", "listed-one-inc"));
        olga.registerSample(
                "listed", true, Map.of("listed-one", "staging", "listed-two", "staging", "listed-three", "canary"));
        olga.ok(olga.put("/v1/products/listed-too", Planner.descriptor("listed-too")));
        String rollout = "";
        for (int i = 0; i < 3; i++) {
            String id = olga.startRollout("listed", "1.1.0");
            rollout = id;
            olga.ok(olga.post("/v1/rollouts/" + id + "/abort", "{}"));
            olga.ok(olga.post("/v1/tenants/listed-one/requests", "{\"version\": \"1.1.0\"}"));
            olga.ok(olga.post(
                    "/v1/freezes",
                    "{\"product\": \"listed\", \"from\": \"2098-01-01T00:00:00Z\", \"to\": \"2099-01-0%dT00:00:00Z\", \"reason\": \"far\"}"
                            .formatted(i + 1)));
        }
        String one = rollout;
        Set<String> lists = new TreeSet<>();
        List<String> wrong = new ArrayList<>();

        JsonNode paths =
                new ObjectMapper().readTree(olga.text("/q/openapi?format=json")).path("paths");
        paths.properties().forEach(path -> {
            JsonNode get = path.getValue().path("get");
            if (get.isMissingNode() || !path.getKey().startsWith("/v1")) {
                return;
            }
            String at = filled(path.getKey(), one);
            Planner who = at.startsWith("/v1/account") ? carla : olga;
            Planner.Answer answer = who.get(at);
            if (answer.status() == 200
                    && answer.body().path("items").isArray()
                    && !path.getKey().endsWith("/calendar")
                    && !path.getKey().endsWith("/upgrade-delay")) {
                lists.add(path.getKey());
                wrong.addAll(wrong(who, path.getKey(), at, get));
            }
        });

        assertThat(lists)
                .contains(
                        "/v1/products",
                        "/v1/products/{product}/releases",
                        "/v1/rollouts",
                        "/v1/rollouts/{rollout}/upgrades",
                        "/v1/tenants",
                        "/v1/freezes",
                        "/v1/tenants/{tenant}/statements",
                        "/v1/account/upgrades",
                        "/v1/drift",
                        "/v1/audit/links");
        assertThat(wrong).isEmpty();
    }

    private static List<String> wrong(Planner who, String path, String at, JsonNode get) {
        List<String> wrong = new ArrayList<>();
        Set<String> parameters = new TreeSet<>();
        get.path("parameters").forEach(p -> parameters.add(p.path("name").asText()));
        if (!parameters.containsAll(Set.of("limit", "cursor"))) {
            wrong.add(path + " does not say that it takes limit and cursor: " + parameters);
            return wrong;
        }
        for (String limit : List.of("0", "501", "many")) {
            Planner.Answer refused = who.get(at + "?limit=" + limit);
            if (refused.status() != 400
                    || !refused.headers().get("type").contains("problem+json")
                    || !refused.body().toString().contains("limit")) {
                wrong.add(path + " takes limit=" + limit + ": " + refused.status());
            }
        }
        List<JsonNode> whole = new ArrayList<>();
        who.get(at + "?limit=500").body().path("items").forEach(whole::add);
        List<JsonNode> walked = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = who.get(at + "?limit=1" + next).body();
            page.path("items").forEach(walked::add);
            String cursor = page.path("next").asText();
            next = cursor.isEmpty() ? "" : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
        } while (!next.isEmpty() && walked.size() < WALKED);
        if (!walked.equals(whole.subList(0, Math.min(walked.size(), whole.size())))
                || (next.isEmpty() && walked.size() != whole.size())) {
            wrong.add(path + " gives other items one by one: " + walked.size() + " of " + whole.size());
        }
        return wrong;
    }

    private static String filled(String path, String rollout) {
        Matcher parameter = PARAMETER.matcher(path);
        return parameter.replaceAll(match -> switch (match.group(1)) {
            case "product" -> "listed";
            case "tenant" -> "listed-one";
            case "chain" -> "tenant:listed-one";
            case "rollout" -> rollout;
            default -> "none-such";
        });
    }
}
