package dev.upkeep.notifier.channel;

import dev.upkeep.notifier.core.Outcome;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends a try that takes too long altogether, such as a server that answers a byte at a time. */
public final class Bounded {
    private Bounded() {}

    /** What the try came to; {@link Unavailable} if it was ended or threw. */
    public static Outcome run(Duration patience, Callable<Outcome> work) throws InterruptedException {
        FutureTask<Outcome> task = new FutureTask<>(work);
        // Interrupting a virtual thread closes the socket it waits on.
        Thread thread = Thread.ofVirtual().name("notice-try").start(task);
        try {
            return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            return new Unavailable("no end after " + patience.toSeconds() + " s", Duration.ZERO);
        } catch (ExecutionException e) {
            return new Unavailable(String.valueOf(e.getCause()), Duration.ZERO);
        } finally {
            thread.interrupt();
        }
    }
}
