package dev.upkeep.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;

/** What would keep an event loop busy. */
final class Work {
    private Work() {}

    /** Does it on a worker thread; what follows goes on in the caller's Vert.x context, which sessions need. */
    static <T> Uni<T> aside(Vertx vertx, Callable<T> work) {
        return Uni.createFrom()
                .emitter(emitter -> vertx.executeBlocking(work, false)
                        .onSuccess(emitter::complete)
                        .onFailure(emitter::fail));
    }
}
