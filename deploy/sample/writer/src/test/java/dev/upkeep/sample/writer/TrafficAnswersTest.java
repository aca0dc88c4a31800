package dev.upkeep.sample.writer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers the writer by the book and against it, and looks at what it notes down. */
class TrafficAnswersTest {
    private static final Pattern NOTE = Pattern.compile("\"id\":\"([^\"]+)\"");
    private static final Traffic.Pace FAST = new Traffic.Pace(400, 12, 6, 3);

    @TempDir
    Path directory;

    private final Map<String, Status> told = new ConcurrentHashMap<>();
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger together = new AtomicInteger();
    private final AtomicInteger notNoted = new AtomicInteger();
    private final HttpServer server;
    private Path journal = Path.of("");

    TrafficAnswersTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    }

    @BeforeEach
    void listen() {
        journal = directory.resolve("journal.jsonl");
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        Matcher matcher = NOTE.matcher(body);
        String note = matcher.find() ? matcher.group(1) : path.substring(path.lastIndexOf('/') + 1);
        if (!underWay.add(note)) {
            together.incrementAndGet();
        }
        List<Write> noted = Journal.read(journal).stream()
                .filter(write -> write.noteId().toString().equals(note))
                .toList();
        if (noted.isEmpty() || noted.getLast().status() != Status.SENT) {
            notNoted.incrementAndGet();
        }
        int code = List.of(200, 200, 200, 500, 200, 404, 200, 502, 200, 5020, 200, 503, 200, 0)
                .get(requests.getAndIncrement() % 14);
        told.put(
                noted.isEmpty() ? note : noted.getLast().writeId().toString(),
                switch (code) {
                    case 200 -> Status.ACKNOWLEDGED;
                    case 0, 502 -> Status.UNKNOWN;
                    default -> Status.REFUSED;
                });
        underWay.remove(note);
        switch (code) {
            case 0 -> {}
            case 503 -> {
                exchange.getResponseHeaders().set("Retry-After", "0");
                exchange.sendResponseHeaders(503, -1);
            }
            case 5020 -> {
                exchange.getResponseHeaders().set("Upkeep-Forwarded", "no");
                exchange.sendResponseHeaders(502, -1);
            }
            default -> exchange.sendResponseHeaders(code, -1);
        }
        exchange.close();
    }

    @Test
    void notesEachWriteBeforeItIsSentAndThenWhatItWasTold() throws Exception {
        // Given
        URI gate = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        // When
        Traffic traffic = Traffic.start(gate, journal, FAST, InstantSource.system());
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() >= 150);
        traffic.close();
        // Then
        List<Write> writes = Journal.read(journal);
        assertThat(notNoted).as("writes that came before their line").hasValue(0);
        assertThat(together).as("writes to a note that had one under way").hasValue(0);
        assertThat(writes.stream()
                        .collect(Collectors.toMap(write -> write.writeId().toString(), Write::status)))
                .isEqualTo(told);
        Traffic.Counts counts = traffic.counts();
        assertThat(counts.acknowledged() + counts.refused() + counts.unknown()).isEqualTo(writes.size());
        assertThat(counts.parked()).isPositive();
        assertThat(Files.readAllLines(journal)).hasSize(2 * writes.size());
    }

    @Test
    void leavesANoteAloneOnceItDoesNotKnowWhatBecameOfIt() throws Exception {
        // Given
        URI gate = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        // When
        try (Traffic traffic = Traffic.start(gate, journal, FAST, InstantSource.system())) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> traffic.counts().unknown() >= 15);
        }
        // Then
        Map<Object, List<Write>> notes = Journal.read(journal).stream().collect(Collectors.groupingBy(Write::noteId));
        assertThat(notes.values())
                .allSatisfy(writes -> assertThat(writes.subList(0, writes.size() - 1))
                        .noneMatch(write -> write.status() == Status.UNKNOWN));
    }
}
