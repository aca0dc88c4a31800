package dev.upkeep.planted.mutinystaysattheedge.executor.desk;

import io.smallrye.mutiny.Uni;

/** A desk, which may. */
interface InnocentDesk {
    Uni<Void> save();
}
