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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One service as a process. */
final class Running implements Supervisor.Part, AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int MOST_STARTS = 3;

    final int port;
    private final Service service;
    private final Child.Order order;
    private final List<String> command;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Child child;
    private volatile int starts;

    Running(Service service, int port, Child.Order order, List<String> command) {
        this.service = service;
        this.port = port;
        this.order = order;
        this.command = command;
    }

    synchronized void start() {
        starts++;
        child = order.start(command);
    }

    OptionalLong pid() {
        Child now = child;
        return now == null ? OptionalLong.empty() : now.pid();
    }

    /**
     * Returns when the service says that it is ready; fails when it has ended too often or taken too long.
     *
     * @param givenUp whether nobody waits for it any more
     */
    void awaitReady(Duration within, BooleanSupplier givenUp) {
        long deadline = System.nanoTime() + within.toNanos();
        URI ready = URI.create("http://" + Port.HOST + ":" + port + "/q/health/ready");
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build()) {
            String last = "it does not answer";
            while (System.nanoTime() < deadline && starts <= MOST_STARTS) {
                try {
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(ready)
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() == 200) {
                        return;
                    }
                    last = "it says " + ServiceLog.down(answer.body());
                } catch (IOException notYet) {
                    last = "it does not answer";
                }
                if (stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                if (givenUp.getAsBoolean()) {
                    throw new LocalFailure("stopped while " + name() + " started", "start it again");
                }
            }
            String complaint = ServiceLog.complaint(order.log());
            throw new LocalFailure(
                    name()
                            + (starts > MOST_STARTS
                                    ? " ended " + MOST_STARTS + " times while it started"
                                    : " is not ready after " + within.toSeconds() + " s: " + last)
                            + (complaint.isEmpty() ? "" : "\n  it wrote: " + complaint),
                    "see " + order.log());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalFailure("interrupted while " + name() + " started", "start it again", e);
        }
    }

    @Override
    public String name() {
        return "the " + service.word();
    }

    @Override
    public boolean ended(Duration within) {
        Child now = child;
        return now == null || now.ended(within);
    }

    @Override
    public synchronized void startAgain() {
        if (stopping.getCount() > 0) {
            Port.require(port, name());
            start();
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
