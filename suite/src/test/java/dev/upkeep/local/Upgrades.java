package dev.upkeep.local;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.cli.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** The upgrades of one tenant, each by a rollout of its own; people do by hand what they are asked to. */
final class Upgrades {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final String BY_HAND = "by hand: ";

    private final Api planner;
    private final String product;
    private final String tenant;
    private final List<String> asked = new ArrayList<>();
    private String before = "";

    Upgrades(Api planner, String product, String tenant) {
        this.planner = planner;
        this.product = product;
        this.tenant = tenant;
    }

    /** What is done between a rollout's beginning and its end. */
    interface Meanwhile {
        void happen() throws Exception;
    }

    /** Lets a release out and waits until the tenant's upgrade has ended, or a person must decide about it. */
    JsonNode rollOut(String version) throws Exception {
        return rollOut(version, () -> {});
    }

    /** The same, after something else has happened. */
    JsonNode rollOut(String version, Meanwhile meanwhile) throws Exception {
        planner.post(
                "/v1/rollouts",
                new ObjectMapper().createObjectNode().put("product", product).put("version", version));
        meanwhile.happen();
        return awaitEnd(before);
    }

    /** Lets a held upgrade go on, and returns as {@link #rollOut}. */
    JsonNode decide(String way) {
        resolve(way);
        return awaitEnd("");
    }

    private void resolve(String way) {
        planner.post(
                "/v1/upgrades/" + last().path("id").asText() + "/resolution",
                new ObjectMapper().createObjectNode().put("way", way).put("note", "as asked"));
    }

    private JsonNode awaitEnd(String other) {
        try {
            await().atMost(LONGEST).until(() -> {
                JsonNode now = last();
                boolean held = now.path("state").asText().equals("held");
                if (held && now.path("reason").asText().startsWith(BY_HAND)) {
                    asked.add(now.path("reason").asText().substring(BY_HAND.length()));
                    resolve("done-by-hand");
                    return false;
                }
                return !now.path("id").asText().equals(other)
                        && (held
                                || List.of("confirmed", "rolled-back")
                                        .contains(now.path("state").asText()));
            });
        } catch (ConditionTimeoutException late) {
            throw new AssertionError("no end to " + last().toPrettyString() + "\nheld up by " + why(), late);
        }
        JsonNode ended = last();
        before = ended.path("id").asText();
        return ended;
    }

    /** What people were asked to do by hand, and said that they had done. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** Returns when it is told that this keeps it from going on. */
    void awaitHeldUpBy(String what) {
        await().atMost(LONGEST).until(() -> why().contains(what));
    }

    /** What keeps it from going on. */
    private String why() {
        return planner.get("/v1/tenants/" + tenant + "/why").toPrettyString();
    }

    JsonNode last() {
        return planner.get("/v1/tenants/" + tenant + "/upgrade");
    }

    /** What the last step with this action, or this action of that component, said of itself on the way forward. */
    String told(String step) {
        String last = "";
        for (JsonNode entry : last().path("timeline")) {
            String kind = entry.path("kind").asText();
            if (kind.equals("upgrade-undoing")) {
                break;
            }
            if (kind.startsWith("step-") && entry.path("step").asText().contains("-" + step)) {
                last = entry.path("text").asText();
            }
        }
        return last;
    }

    /** What its entries of these kinds say, in their order. */
    List<String> told(Set<String> kinds) {
        return entries(kinds).map(entry -> entry.path("text").asText()).toList();
    }

    /** The steps that were done, both there and back, in their order. */
    List<String> done() {
        return entries(Set.of("step-succeeded"))
                .map(entry -> entry.path("step").asText())
                .toList();
    }

    private Stream<JsonNode> entries(Set<String> kinds) {
        return last().path("timeline")
                .valueStream()
                .filter(entry -> kinds.contains(entry.path("kind").asText()));
    }

    /** Those that are neither in the database nor in the report of what an undo left behind. */
    static Set<String> lost(Set<String> taken, List<String> inTheDatabase, JsonNode upgrade) throws IOException {
        Set<String> missing = new HashSet<>(taken);
        inTheDatabase.forEach(missing::remove);
        String report = upgrade.path("facts").path("gap.report").asText();
        String reported = report.isEmpty() ? "" : allText(Path.of(report));
        missing.removeIf(reported::contains);
        return missing;
    }

    private static String allText(Path report) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(report)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
