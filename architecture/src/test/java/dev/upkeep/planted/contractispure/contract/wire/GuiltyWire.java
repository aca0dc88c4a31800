package dev.upkeep.planted.contractispure.contract.wire;

import io.smallrye.mutiny.Uni;

/** A wire that knows more than Jackson. */
interface GuiltyWire {
    Uni<String> write();
}
