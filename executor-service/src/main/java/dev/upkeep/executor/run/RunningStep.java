package dev.upkeep.executor.run;

import dev.upkeep.executor.driver.Backups;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One claim while a driver carries it out.
 *
 * <p>Failure: it is cancelled once, for one cause, by interrupting its thread; only a deadline gives a result.
 */
final class RunningStep implements Work {
    /** Why a step is cut short. */
    enum Cause {
        DEADLINE,
        LEASE_LOST,
        SUPERSEDED,
        SHUTDOWN
    }

    private final Claim claim;
    private final InstantSource clock;
    private final Instant began;
    private final Instant deadline;
    private final Secrets secrets;
    private final Backups backups;
    private volatile String said = "";
    private volatile boolean over;
    private volatile boolean toldBegun;
    private volatile Instant leaseUntil;
    private @Nullable Thread thread;
    private @Nullable Cause cause;
    private @Nullable Path scratch;

    RunningStep(Claim claim, InstantSource clock, Instant leaseUntil, Secrets secrets, Backups backups) {
        this.claim = claim;
        this.clock = clock;
        this.began = clock.instant();
        this.deadline = began.plus(claim.request().deadline());
        this.leaseUntil = leaseUntil;
        this.secrets = secrets;
        this.backups = backups;
    }

    /** This work with some time more, to look at what came of it after its deadline. */
    Work extended(Duration span) {
        return new Extended(this, clock.instant().plus(span));
    }

    private record Extended(RunningStep step, Instant deadline) implements Work {
        @Override
        public Instant now() {
            return step.now();
        }

        @Override
        public boolean superseded() {
            return step.superseded();
        }

        @Override
        public void progress(String text) {
            step.progress(text);
        }

        @Override
        public Secrets secrets() {
            return step.secrets();
        }

        @Override
        public Path scratch() {
            return step.scratch();
        }

        @Override
        public Backups backups() {
            return step.backups();
        }

        @Override
        public void pause(Duration span) throws InterruptedException {
            step.pause(span);
        }
    }

    Claim claim() {
        return claim;
    }

    Instant began() {
        return began;
    }

    /** By this machine's clock, counted from before the database was asked: never later than the database's. */
    Instant leaseUntil() {
        return leaseUntil;
    }

    void leaseUntil(Instant until) {
        leaseUntil = until;
    }

    boolean over() {
        return over;
    }

    void setOver() {
        over = true;
    }

    /** True the first time only. */
    boolean tellBegun() {
        boolean first = !toldBegun;
        toldBegun = true;
        return first;
    }

    synchronized void on(Thread carrying) {
        thread = carrying;
        if (cause != null) {
            carrying.interrupt();
        }
    }

    /** From now on the thread is somebody else's. */
    synchronized void off() {
        thread = null;
    }

    synchronized void cancel(Cause why) {
        if (cause == null) {
            cause = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    synchronized @Nullable Cause cause() {
        return cause;
    }

    boolean cutShort() {
        return cause() != null;
    }

    @Override
    public boolean superseded() {
        return cause() == Cause.SUPERSEDED;
    }

    boolean deadlinePassed() {
        return cause() == Cause.DEADLINE;
    }

    String lastSaid() {
        return said;
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public void progress(String text) {
        said = text;
    }

    @Override
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public synchronized Path scratch() {
        try {
            if (scratch == null) {
                scratch = Files.createTempDirectory("upkeep-step-");
            }
            return scratch;
        } catch (IOException e) {
            throw new UncheckedIOException("no scratch directory", e);
        }
    }

    synchronized void cleanUp() {
        if (scratch == null) {
            return;
        }
        try (Stream<Path> all = Files.walk(scratch)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException leftForTheMachine) {
            // A temporary directory that can't be deleted must not change what came of the step.
        }
        scratch = null;
    }

    @Override
    public Backups backups() {
        return backups;
    }

    @Override
    public void pause(Duration span) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LockSupport.parkNanos(span.toNanos());
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
