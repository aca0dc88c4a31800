package dev.upkeep.executor.driver.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.marcnuri.helm.Helm;
import com.sun.net.httpserver.HttpServer;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.TestWork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChartsTest {
    private static final Version VERSION = Version.of("1.0.0");

    @TempDir
    Path directory;

    private HttpServer server;
    private String index = "";

    @BeforeEach
    void serve() throws Exception {
        new Helm(Path.of("src/test/resources/helm/web"))
                .packageIt()
                .withDestination(directory)
                .call();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/charts/", exchange -> {
            byte[] answer = exchange.getRequestURI().getPath().endsWith("index.yaml")
                    ? index.getBytes(StandardCharsets.UTF_8)
                    : Files.readAllBytes(directory.resolve("web-1.0.0.tgz"));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void readsTheRepositorysIndexAnewEachTimeAndChecksTheDigestThatItNames() throws Exception {
        Charts charts = new Charts();
        index = "entries: {web: []}";
        assertThat(refusal(charts)).isEqualTo(Failure.ARTIFACT_UNREACHABLE);

        String digest = Artifacts.digest(directory.resolve("web-1.0.0.tgz")).value();
        index = index("1.0.0", digest.substring("sha256:".length()));

        assertThat(charts.of(site(), VERSION).digest()).isEqualTo(digest);
        index = index("1.0.0", "0".repeat(64));
        assertThat(refusal(charts)).isEqualTo(Failure.DIGEST_MISMATCH);
    }

    private Failure refusal(Charts charts) {
        return catchThrowableOfType(Refused.class, () -> charts.of(site(), VERSION))
                .failed()
                .code();
    }

    private static String index(String version, String digest) {
        return "entries: {web: [{version: " + version + ", digest: '" + digest + "', urls: [web-1.0.0.tgz]}]}";
    }

    private Site site() {
        return Site.of(
                Ready.request(
                        1,
                        new Action.FetchArtifact(VERSION),
                        Ready.target(
                                "web",
                                "helm",
                                Map.of(
                                        "namespace", "any",
                                        "release", "web",
                                        "chart", "shop/web",
                                        "repository",
                                                "http://127.0.0.1:"
                                                        + server.getAddress().getPort() + "/charts"),
                                Map.of()),
                        Map.of(),
                        Map.of()),
                TestWork.in(directory.resolve("scratch")));
    }
}
