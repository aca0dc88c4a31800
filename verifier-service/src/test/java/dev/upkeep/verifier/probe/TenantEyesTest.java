package dev.upkeep.verifier.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.event.Watch.Selection;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.secrets.References;
import dev.upkeep.verifier.core.Reading;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TenantEyesTest {
    private static final String METRICS = """
            # HELP requests_total Requests.
            # TYPE requests_total counter
            requests_total{method="GET",outcome="ok"} 40.0
            requests_total{method="PUT",outcome="ok",path="/a\\"b,}"} 2 1700000000000
            requests_total{method="GET",outcome="error"} 8
            requests_total_created 1.7e9
            up 1
            """;

    private HttpServer tenant;
    private TenantEyes eyes;
    private String base;

    @BeforeEach
    void start() throws IOException {
        tenant = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/healthz", 200, "{\"status\":\"up\"}");
        answer("/broken", 500, "boom");
        answer("/version", 200, "{\"product\":{\"version\":\"1.1.0\"}}");
        answer("/text", 200, "not json");
        answer("/metrics", 200, METRICS);
        tenant.start();
        base = "http://127.0.0.1:" + tenant.getAddress().getPort();
        eyes = new TenantEyes(Duration.ofSeconds(2), new References(Map.of(), Optional.empty()));
    }

    @AfterEach
    void stop() {
        eyes.close();
        tenant.stop(0);
    }

    @Test
    void seesTheStatusAndTheVersionOfATenant() {
        List<Reading> readings = eyes.look(
                List.of(
                        new Probe.HttpStatus("health", base + "/healthz", 200),
                        new Probe.HttpStatus("broken", base + "/broken", 200),
                        new Probe.HttpField("identity", base + "/version", "/product/version", "1.1.0"),
                        new Probe.HttpField("other", base + "/version", "/product/version", "1.0.0"),
                        new Probe.HttpField("gone", base + "/version", "/nowhere", "1.0.0"),
                        new Probe.HttpField("text", base + "/text", "/version", "1.0.0")),
                List.of());

        assertThat(readings)
                .containsExactly(
                        new Reading.Passed("health", "answered 200"),
                        new Reading.NotPassed("broken", "answered 500: boom"),
                        new Reading.Passed("identity", "is 1.1.0"),
                        new Reading.NotPassed("other", "is 1.1.0"),
                        new Reading.NotPassed("gone", "is not there"),
                        readings.get(5));
        assertThat(readings.get(5)).isInstanceOf(Reading.NotPassed.class);
    }

    @Test
    void countsASilentTenantAsNotPassed() throws IOException {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }

        List<Reading> readings = eyes.look(
                List.of(new Probe.HttpStatus("health", "http://127.0.0.1:" + nobody + "/healthz", 200)), List.of());

        assertThat(readings).singleElement().isInstanceOf(Reading.NotPassed.class);
    }

    @Test
    void sumsTheSeriesThatASelectionMatchesAndNoOthers() {
        List<Reading> readings = eyes.look(List.of(), List.of(watch("requests_total", "requests_total")));

        assertThat(readings).singleElement().isInstanceOfSatisfying(Reading.Counted.class, counted -> {
            assertThat(counted.of().values()).containsExactly(8.0);
            assertThat(counted.per().values()).containsExactlyInAnyOrder(40.0, 2.0, 8.0);
        });
    }

    @Test
    void isBlindToAMetricThatIsNotThere() {
        List<Reading> readings = eyes.look(List.of(), List.of(watch("errors_total", "requests_total")));

        assertThat(readings)
                .singleElement()
                .isInstanceOfSatisfying(
                        Reading.Blind.class, blind -> assertThat(blind.why()).contains("no metric errors_total"));
    }

    @Test
    void isBlindWhereTheMetricsAreNoMetrics() {
        answer("/garbage", 200, "requests_total{method= 4");
        Watch watch = new Watch(
                "errors",
                base + "/garbage",
                new Selection("requests_total", Map.of()),
                new Selection("requests_total", Map.of()),
                1,
                Optional.of(1.0),
                Optional.empty(),
                0);

        assertThat(eyes.look(List.of(), List.of(watch))).singleElement().isInstanceOf(Reading.Blind.class);
    }

    @Test
    void isBlindToASchemaItCannotReadInsteadOfCallingItWrong() {
        List<Reading> readings = eyes.look(
                List.of(new Probe.Schema(
                        "schema",
                        Map.of("url", "jdbc:postgresql://127.0.0.1:1/none", "user", "u", "password", "env:PATH"),
                        SchemaFingerprint.of(List.of()))),
                List.of());

        assertThat(readings).singleElement().isInstanceOf(Reading.Blind.class);
    }

    private Watch watch(String of, String per) {
        return new Watch(
                "errors",
                base + "/metrics",
                new Selection(of, Map.of("outcome", "error")),
                new Selection(per, Map.of()),
                1,
                Optional.of(0.02),
                Optional.empty(),
                0);
    }

    private void answer(String path, int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        tenant.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }
}
