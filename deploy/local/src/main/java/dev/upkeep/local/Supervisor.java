package dev.upkeep.local;

import dev.upkeep.embedded.StartFailure;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Starts a part again whenever it ends and nobody asked it to.
 *
 * <p>Failure: the pause before a start doubles from half a second to ten and falls back when the part has run for a
 * minute. A part that can't be started is told of once with its cause, and tried until it can: it may be a full disk,
 * or a port that somebody took.
 */
final class Supervisor {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration STEADY = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Part part;
    private final Consumer<String> tell;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** What is supervised: it runs, or has ended. */
    interface Part {
        /** What a person calls it. */
        String name();

        /** Waits so long for its end, and says whether that came. */
        boolean ended(Duration within);

        /** Starts it again after its end; throws a {@link StartFailure} if that can't be now. */
        void startAgain();
    }

    Supervisor(Part part, Consumer<String> tell) {
        this.part = part;
        this.tell = tell;
    }

    /** Begins to watch a part that runs. */
    void start() {
        Thread.ofVirtual().name("supervisor of " + part.name()).start(this::watch);
    }

    /** From now on its end is nobody's concern. */
    void stop() {
        stopping.countDown();
    }

    private void watch() {
        Duration pause = FIRST_PAUSE;
        long began = System.nanoTime();
        String told = "";
        try {
            while (!isStopping()) {
                if (!part.ended(LOOK)) {
                    continue;
                }
                if (System.nanoTime() - began > STEADY.toNanos()) {
                    pause = FIRST_PAUSE;
                }
                if (told.isEmpty() && !isStopping()) {
                    tell.accept(part.name() + " ended by itself; it is started again");
                }
                if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                pause = longer(pause);
                String trouble = startAgain();
                if (!trouble.isEmpty() && !trouble.equals(told) && !isStopping()) {
                    tell.accept(part.name() + " can't be started, will try again: " + trouble);
                }
                told = trouble;
                began = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What keeps it from starting; empty if it has started. */
    private String startAgain() {
        try {
            part.startAgain();
            return "";
        } catch (StartFailure failure) {
            return failure.what() + "; " + failure.fix();
        }
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
}
