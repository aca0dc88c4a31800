package dev.upkeep.planted.rowsstayinstore.planner.intake;

import dev.upkeep.planted.rowsstayinstore.planner.store.TenantRow;
import io.smallrye.mutiny.Uni;
import java.util.List;

/** An API that gives rows away, inside other types. */
interface GuiltyResource {
    Uni<List<TenantRow>> list();
}
