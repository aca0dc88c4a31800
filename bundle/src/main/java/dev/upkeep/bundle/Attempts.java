package dev.upkeep.bundle;

import dev.upkeep.bundle.BundleRefused.Why;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Three tries over a wire that may break, each with a deadline that holds for answers' bodies, too. */
final class Attempts {
    private static final int TRIES = 3;
    private static final long PAUSE_MILLIS = 500;

    private Attempts() {}

    static <T> T of(String whom, Duration limit, Callable<T> work) throws BundleRefused, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return within(limit, work);
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw new BundleRefused(
                            Why.REGISTRY_DOWN,
                            whom + ", asked " + attempt + " times: " + e,
                            "check that it runs and can be reached, and say the same again: what is there is not brought"
                                    + " twice",
                            e);
                }
                Thread.sleep(PAUSE_MILLIS * attempt);
            }
        }
    }

    private static <T> T within(Duration limit, Callable<T> work)
            throws IOException, BundleRefused, InterruptedException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofVirtual().start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no end after " + limit);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException broken) {
                throw broken;
            }
            if (e.getCause() instanceof BundleRefused refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            thread.interrupt();
        }
    }
}
