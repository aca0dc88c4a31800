package dev.upkeep.messaging;

import static dev.upkeep.messaging.Bench.event;
import static dev.upkeep.messaging.Bench.freshKey;
import static dev.upkeep.messaging.Bench.journal;
import static dev.upkeep.messaging.Bench.onContext;
import static dev.upkeep.messaging.Bench.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.lifecycle:4,upkeep.deliveries:4,upkeep.parked:4,upkeep.dead-letters:4"))
class WatchTest {
    @TestHTTPResource
    URI root;

    @Inject
    Inbox inbox;

    @Inject
    Vertx vertx;

    @Inject
    DataSource database;

    @Test
    void isReadyAndShowsItsFigures() throws Exception {
        // Given
        String key = freshKey("figures");
        Bench.publish(List.of(event(key, 1)));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(journal(database, JournalStream.CONSUMER, key))
                        .containsExactly(1));

        // When
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(get("q/health/ready").statusCode()).isEqualTo(200));
        String metrics = get("q/metrics").body();

        // Then
        assertThat(get("q/health/ready").body())
                .contains("\"messaging\"")
                .contains("outbox-oldest-seconds")
                .contains("lifecycle-waiting-records");
        assertThat(metrics)
                .contains("upkeep_outbox_waiting ")
                .contains("upkeep_outbox_relayed_total ")
                .contains("upkeep_inbox_handled_total{consumer=\"journal\"")
                .contains("upkeep_inbox_repeated_total{consumer=\"journal\"")
                .contains("upkeep_inbox_waiting{channel=\"lifecycle\"")
                .contains("upkeep_keys_parked ");
    }

    @Test
    void listsAParkedKeyAndReleasesItOnRequest() throws Exception {
        // Given
        String key = freshKey("rest");
        boolean[] mended = {false};
        Handler handler = (session, fresh) -> mended[0]
                ? JournalStream.write(session, "rest", fresh)
                : Uni.createFrom().failure(new IllegalStateException("planted"));
        onContext(
                vertx, () -> inbox.take("rest", List.of(record(1, event(key, 1)), record(2, event(key, 2))), handler));

        // When
        HttpResponse<String> listed = get("v1/parked-keys?limit=500");
        HttpResponse<String> early = post("v1/parked-keys/" + key + "/release?consumer=rest");
        mended[0] = true;
        HttpResponse<String> released = post("v1/parked-keys/" + key + "/release?consumer=rest");
        HttpResponse<String> again = post("v1/parked-keys/" + key + "/release?consumer=rest");
        HttpResponse<String> unclear = post("v1/parked-keys/" + key + "/release?consumer=rest&failed=maybe");

        // Then
        assertThat(listed.body())
                .contains(key)
                .contains("IllegalStateException: planted")
                .contains("\"waiting\":2");
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(early.headers().firstValue("content-type"))
                .hasValueSatisfying(t -> assertThat(t).startsWith("application/problem+json"));
        assertThat(released.statusCode()).isEqualTo(200);
        assertThat(released.body()).contains("\"handled\":2");
        assertThat(journal(database, "rest", key)).containsExactly(1, 2);
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(unclear.statusCode()).isEqualTo(400);
        assertThat(unclear.body()).contains("\"pointer\":\"/failed\"");
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(root.resolve("/" + path)).build());
    }

    private HttpResponse<String> post(String path) throws Exception {
        return send(HttpRequest.newBuilder(root.resolve("/" + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    HttpRequest.newBuilder(request, (name, value) -> true)
                            .header("Authorization", "Bearer " + Tokens.everyRole())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
