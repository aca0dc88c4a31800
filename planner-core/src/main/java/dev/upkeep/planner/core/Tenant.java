package dev.upkeep.planner.core;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One installation of a product for one account.
 *
 * @param version what is installed
 * @param zone of its account: dates that people give are dates there
 * @param windows when work may run; none means at any time
 * @param freezes when it must not
 * @param settings by component, over those of the descriptor
 * @param site what else is known about it, as far as rules ask
 */
public record Tenant(
        TenantId id,
        AccountId account,
        ProductName product,
        Version version,
        Model model,
        RingName ring,
        ZoneId zone,
        List<Window> windows,
        List<Freeze> freezes,
        Map<ComponentName, Map<String, String>> settings,
        Site site) {
    public Tenant {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(account, "account");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(ring, "ring");
        Objects.requireNonNull(zone, "zone");
        windows = List.copyOf(windows);
        freezes = List.copyOf(freezes);
        settings = Map.copyOf(settings);
        Objects.requireNonNull(site, "site");
    }

    /** The same tenant with another version installed. */
    public Tenant on(Version installed) {
        return new Tenant(id, account, product, installed, model, ring, zone, windows, freezes, settings, site);
    }

    /** The version of one of its components: its own, or that of what trails or stands elsewhere. */
    public Version version(ComponentName component) {
        return site.versions().getOrDefault(component, version);
    }

    /**
     * From an instant until, and without, another.
     *
     * @param bumps what it keeps from starting; none of them named means all
     */
    public record Freeze(Instant from, Instant to, String reason, Set<dev.upkeep.contract.Bump> bumps) {
        public Freeze {
            Objects.requireNonNull(reason, "reason");
            bumps = Set.copyOf(bumps);
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("a freeze must end after it begins");
            }
        }
    }

    /**
     * What is known about an installation besides its version.
     *
     * @param environment what it is for
     * @param versions of components that do not have the tenant's own version
     * @param thirdParty versions of what its product runs on, by name, such as {@code postgresql}
     * @param variables the names of the settings that are set there; nothing of their values is known here
     * @param rows about how many rows a table has, by name
     * @param peers tenants that stand for a part of this one: a hybrid's control plane, its database
     * @param follows a floating tag that it runs instead of a version
     */
    public record Site(
            Policies.Environment environment,
            Map<ComponentName, Version> versions,
            Map<String, String> thirdParty,
            Set<String> variables,
            Map<String, Long> rows,
            Map<ComponentName, TenantId> peers,
            Optional<String> follows) {
        /** A production site of which nothing else is known. */
        public static final Site PLAIN = new Site(
                Policies.Environment.PRODUCTION, Map.of(), Map.of(), Set.of(), Map.of(), Map.of(), Optional.empty());

        public Site {
            Objects.requireNonNull(environment, "environment");
            versions = Map.copyOf(versions);
            thirdParty = Map.copyOf(thirdParty);
            variables = Set.copyOf(variables);
            rows = Map.copyOf(rows);
            peers = Map.copyOf(peers);
            Objects.requireNonNull(follows, "follows");
        }
    }
}
