package dev.upkeep.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Writes notes, or what a product has in their place, through an installation and remembers those that it said it had taken. */
final class Notes implements AutoCloseable {
    private static final int MILLIS_BETWEEN = 60;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> taken = new ConcurrentSkipListSet<>();
    private final AtomicInteger number = new AtomicInteger();
    private final Asking note;
    private @Nullable ScheduledFuture<?> writing;

    /** How an installation is asked to take a note of this name; 200 says that it has. */
    interface Asking {
        HttpRequest.Builder of(String id);
    }

    Notes(Asking note) {
        this.note = note;
    }

    void begin() {
        writing = clock.scheduleWithFixedDelay(this::write, 0, MILLIS_BETWEEN, TimeUnit.MILLISECONDS);
    }

    /** Returns when the last request has been answered. */
    void end() throws Exception {
        if (writing != null) {
            writing.cancel(false);
            clock.submit(() -> {}).get(30, TimeUnit.SECONDS);
            writing = null;
        }
    }

    Set<String> taken() {
        return new TreeSet<>(taken);
    }

    void forget() {
        taken.clear();
    }

    /** The answer to a GET. */
    HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)).GET());
    }

    private void write() {
        String id = "note-" + number.incrementAndGet() + "-end";
        try {
            int status = send(note.of(id)).statusCode();
            if (status == 200) {
                taken.add(id);
            }
        } catch (IOException notServed) {
            // While it is stopped nobody takes a note.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.timeout(Duration.ofSeconds(5)).build(), BodyHandlers.ofString());
    }

    @Override
    public void close() {
        clock.shutdownNow();
        http.close();
    }
}
