package dev.upkeep.access.intake;

import dev.upkeep.contract.AccountId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;

/** Two accounts with a tenant each. */
@ApplicationScoped
class SampleOwners implements Owners {
    private static final Map<String, String> OWNERS =
            Map.of("tenant acme", "acme-inc", "upgrade u-acme", "acme-inc", "tenant other", "other-inc");

    @Override
    public Uni<Optional<AccountId>> of(String kind, String name) {
        return Uni.createFrom()
                .item(Optional.ofNullable(OWNERS.get(kind + " " + name)).map(AccountId::new));
    }
}
