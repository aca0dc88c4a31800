package dev.upkeep.local;

import dev.upkeep.embedded.Child;
import dev.upkeep.embedded.Port;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One service as a supervised process.
 *
 * <p>Failure: when the process ends and nobody asked it to, it is started again after a pause, which doubles from half
 * a second to ten and falls back when it has run for a minute.
 */
final class Running implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration STEADY = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(200);

    final int port;
    private final Service service;
    private final Child.Order order;
    private final List<String> command;
    private final Consumer<String> tell;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Child child;

    Running(Service service, int port, Child.Order order, List<String> command, Consumer<String> tell) {
        this.service = service;
        this.port = port;
        this.order = order;
        this.command = command;
        this.tell = tell;
    }

    synchronized void start() {
        child = order.start(command);
        Thread.ofVirtual().name("supervisor of " + service.word()).start(this::supervise);
    }

    OptionalLong pid() {
        Child now = child;
        return now == null ? OptionalLong.empty() : now.pid();
    }

    /** Returns when the service says that it is ready. */
    void awaitReady(Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        URI ready = URI.create("http://" + Port.HOST + ":" + port + "/q/health/ready");
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            String last = "it does not answer";
            while (System.nanoTime() < deadline) {
                try {
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(ready)
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() == 200) {
                        return;
                    }
                    last = answer.body();
                } catch (IOException notYet) {
                    last = "it does not answer";
                }
                if (stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            Child now = child;
            throw new LocalFailure(
                    "the " + service.word() + " is not ready after " + within.toSeconds() + " s: " + last
                            + (now == null ? "" : "\n" + now.lastWords()),
                    now == null ? "start it again" : "see " + now.log());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalFailure("interrupted while the " + service.word() + " started", "start it again", e);
        }
    }

    private void supervise() {
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                Child now = child;
                long began = System.nanoTime();
                while (now != null && !now.ended(LOOK)) {
                    if (stopping.getCount() == 0) {
                        return;
                    }
                }
                if (now == null || stopping.getCount() == 0) {
                    return;
                }
                if (System.nanoTime() - began > STEADY.toNanos()) {
                    pause = FIRST_PAUSE;
                }
                tell.accept("the " + service.word() + " ended (status "
                        + now.exitStatus().map(String::valueOf).orElse("unknown") + "); started again in "
                        + pause.toMillis() + " ms");
                if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                synchronized (this) {
                    if (stopping.getCount() == 0) {
                        return;
                    }
                    child = order.start(command);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void askToStop() {
        stopping.countDown();
        Child now = child;
        if (now != null) {
            now.askToStop();
        }
    }

    @Override
    public void close() {
        askToStop();
        Child now = child;
        if (now != null) {
            now.close();
        }
    }
}
