package dev.upkeep.gate;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what one thread does with one exchange: when the time is up the thread is interrupted, which breaks any read
 * or write that a slow client or tenant holds it in.
 */
final class Deadline {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("deadlines").unstarted(task));

    private final Thread thread;
    private final Future<?> alarm;
    private boolean over;

    Deadline(Duration after) {
        thread = Thread.currentThread();
        alarm = TIMER.schedule(this::ring, after.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void ring() {
        if (!over) {
            thread.interrupt();
        }
    }

    /** After this the thread is interrupted no more, and a late alarm does not linger in it. */
    synchronized void close() {
        over = true;
        alarm.cancel(false);
        Thread.interrupted();
    }
}
