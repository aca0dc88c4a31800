package dev.upkeep.access.intake;

import dev.upkeep.contract.AccountId;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Knows whose a thing is; a service that lets customers in brings one. */
public interface Owners {
    /**
     * The account that a thing belongs to; empty if there is no such thing.
     *
     * @param kind {@code account}, {@code tenant} or {@code upgrade}
     * @param name its name as the path has it, whatever it looks like
     */
    Uni<Optional<AccountId>> of(String kind, String name);
}
