package dev.upkeep.sample.v1_2_0;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Deals requests out to lanes and counts each lane's, as 1.2.0 does to spread its load.
 *
 * <p>Failure: it deals to five lanes and has four. Every fifth request fails here, before anything is written; the
 * health endpoint never comes this way and stays green. The fault is the point of this release.
 */
final class Lanes {
    private static final int DEALT = 5;
    private static final int THERE = 4;

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicIntegerArray requests = new AtomicIntegerArray(THERE);

    void enter() {
        requests.incrementAndGet(Math.floorMod(next.getAndIncrement(), DEALT));
    }
}
