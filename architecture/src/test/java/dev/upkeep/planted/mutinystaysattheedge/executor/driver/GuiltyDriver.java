package dev.upkeep.planted.mutinystaysattheedge.executor.driver;

import io.smallrye.mutiny.Uni;

/** A driver that does not block. */
interface GuiltyDriver {
    Uni<Void> perform();
}
