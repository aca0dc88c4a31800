package dev.upkeep.local;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** The suite and the fleet, started side by side, stopped one after the other. */
record Both(Suite suite, Fleet fleet) implements AutoCloseable {
    static Both start(Supplier<Suite> suite, Supplier<Fleet> fleet) {
        CompletableFuture<Suite> first = CompletableFuture.supplyAsync(suite, Thread::startVirtualThread);
        CompletableFuture<Fleet> second = CompletableFuture.supplyAsync(fleet, Thread::startVirtualThread);
        try {
            CompletableFuture.allOf(first, second).join();
            return new Both(first.join(), second.join());
        } catch (CompletionException e) {
            if (!first.isCompletedExceptionally()) {
                first.join().close();
            }
            if (!second.isCompletedExceptionally()) {
                second.join().close();
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public void close() {
        fleet.close();
        suite.close();
    }
}
