package dev.upkeep.planner.core;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One installation of a product for one account.
 *
 * @param version what is installed
 * @param consents the majors the customer said yes to
 * @param windows when work may run; none means at any time
 * @param freezes when it must not
 * @param settings by component, over those of the descriptor
 */
public record Tenant(
        TenantId id,
        AccountId account,
        ProductName product,
        Version version,
        Model model,
        RingName ring,
        Set<Version> consents,
        List<Window> windows,
        List<Freeze> freezes,
        Map<ComponentName, Map<String, String>> settings) {
    public Tenant {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(account, "account");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(ring, "ring");
        consents = Set.copyOf(consents);
        windows = List.copyOf(windows);
        freezes = List.copyOf(freezes);
        settings = Map.copyOf(settings);
    }

    /** The same tenant with another version installed. */
    public Tenant on(Version installed) {
        return new Tenant(id, account, product, installed, model, ring, consents, windows, freezes, settings);
    }

    /** From an instant until, and without, another. */
    public record Freeze(Instant from, Instant to, String reason) {
        public Freeze {
            Objects.requireNonNull(reason, "reason");
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("a freeze must end after it begins");
            }
        }
    }
}
