package dev.upkeep.gate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides which request passes, and counts those that are under way.
 *
 * <p>Ordering: asking whether a request may pass and counting it is one act under one lock, and so is parking. After
 * {@link #obey} has parked the gate no request passes, and once {@link #inFlight} is 0 it stays 0.
 *
 * <p>Failure: a position is on disk before it holds. When it cannot be kept the gate stands as it stood, and whoever
 * gave the order gives it again.
 */
final class Gate {
    private final PositionFile file;
    private final InstantSource clock;
    /** Held through the sync to disk, so that orders queue while requests pass. */
    private final ReentrantLock orders = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition drained = lock.newCondition();
    private Position position;
    private int inFlight;
    private boolean closing;

    Gate(PositionFile file, InstantSource clock) throws IOException {
        this.file = file;
        this.clock = clock;
        Instant now = clock.instant();
        this.position = file.load().orElseGet(() -> Position.initial(now));
    }

    /** True: the request is counted and may pass, and whoever asked calls {@link #left} in the end. */
    boolean enter() {
        lock.lock();
        try {
            if (closing || position.state() == State.PARKED) {
                return false;
            }
            inFlight++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void left() {
        lock.lock();
        try {
            inFlight--;
            if (inFlight == 0) {
                drained.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    Outcome obey(Order order) throws IOException {
        orders.lock();
        try {
            Position now = position();
            if (order.token() < now.token()) {
                return new Outcome.Overtaken(now.token());
            }
            boolean stays = order.state() == now.state();
            Position next = new Position(
                    order.state(), order.token(), order.retryAfter(), stays ? now.since() : clock.instant());
            if (!next.equals(now)) {
                file.save(next);
                stand(next);
            }
            return new Outcome.Obeyed(next);
        } finally {
            orders.unlock();
        }
    }

    private void stand(Position next) {
        lock.lock();
        try {
            position = next;
        } finally {
            lock.unlock();
        }
    }

    /** Position and count as they stood at one moment. */
    record Standing(Position position, int inFlight) {}

    Standing standing() {
        lock.lock();
        try {
            return new Standing(position, inFlight);
        } finally {
            lock.unlock();
        }
    }

    Position position() {
        return standing().position();
    }

    int inFlight() {
        return standing().inFlight();
    }

    /** Lets nothing more pass and waits for what is under way; false when the time was not enough. */
    boolean close(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            closing = true;
            long left = longest.toNanos();
            while (inFlight > 0 && left > 0) {
                left = drained.awaitNanos(left);
            }
            return inFlight == 0;
        } finally {
            lock.unlock();
        }
    }
}
