package dev.upkeep.executor.driver.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.GateProcess;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.Work;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@org.junit.jupiter.api.Timeout(60)
class GateDriverTest {
    @TempDir
    Path directory;

    private final GateDriver driver = new GateDriver();

    @Test
    void drainsOnlyWhenTheLastRequestHasItsAnswer() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                GateProcess gate = new GateProcess(directory, upstream.getLocalPort());
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            upstream.setSoTimeout(20_000);
            driver.perform(request(gate.admin(), 1, new Action.OpenTraffic()), work(60));
            CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                    HttpRequest.newBuilder(gate.door("/notes")).GET().build(), HttpResponse.BodyHandlers.ofString());
            try (Socket inFlight = upstream.accept()) {
                assertThat(driver.perform(
                                request(gate.admin(), 1, new Action.ParkTraffic(Duration.ofSeconds(2))), work(60)))
                        .isInstanceOf(Outcome.Done.class);

                Outcome.Failed notYet = Ready.failure(driver, request(gate.admin(), 2, new Action.Drain()), work(1));

                assertThat(notYet.code()).isEqualTo(Failure.NOT_DRAINED);
                InputStream asked = inFlight.getInputStream();
                assertThat(asked.read()).isPositive();
                inFlight.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                                .getBytes(StandardCharsets.UTF_8));
                inFlight.getOutputStream().flush();
                assertThat(driver.perform(request(gate.admin(), 3, new Action.Drain()), work(60)))
                        .isInstanceOf(Outcome.Done.class);
                assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            HttpResponse<String> parked = client.send(
                    HttpRequest.newBuilder(gate.door("/notes")).GET().build(), HttpResponse.BodyHandlers.ofString());
            assertThat(parked.statusCode()).isEqualTo(503);
            assertThat(parked.headers().firstValue("retry-after")).contains("2");
        }
    }

    @Test
    void saysThatTheGateIsDownAndThatItMayTryAgain() throws Exception {
        Outcome.Failed failed = Ready.failure(
                driver, request("http://127.0.0.1:" + Ready.freePort(), 1, new Action.OpenTraffic()), work(10));

        assertThat(failed.code()).isEqualTo(Failure.GATE_DOWN);
        assertThat(failed.retryable()).isTrue();
    }

    private static StepRequested request(String admin, long token, Action action) {
        return Ready.request(
                token, action, Ready.target("gate", "gate", Map.of("admin", admin), Map.of()), Map.of(), Map.of());
    }

    private Work work(long seconds) {
        return new TestWork(directory.resolve("scratch"), Duration.ofSeconds(seconds), Map.of(), new MemoryBackups());
    }
}
