package dev.upkeep.planner.products;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One tenant of one product, from one version to another, next to tenants that stand for parts of it. */
record Case(Shelf shelf, Tenant tenant, Version to, Map<ComponentName, Version> peers, String page) {
    private static final Path APPROVED = Path.of("src/test/resources/plans");

    /**
     * Reads {@code product tenant from to}, and what peers run as {@code component=version}.
     *
     * <p>A tenant of a sample is taken to where the case begins; peers that the case does not name run what their own
     * documents say.
     */
    static Case of(String text) {
        List<String> words = List.of(text.split(" "));
        Shelf shelf = Shelf.of(words.get(0));
        Tenant tenant = shelf.tenant(words.get(1)).on(Version.of(words.get(2)));
        Map<ComponentName, Version> peers = shelf.peers(tenant);
        words.subList(4, words.size()).forEach(peer -> {
            String[] parts = peer.split("=");
            peers.put(new ComponentName(parts[0]), Version.of(parts[1]));
        });
        return new Case(
                shelf, tenant, Version.of(words.get(3)), peers, String.join("-", words.subList(1, words.size())));
    }

    Planning.Planned planned() {
        List<Release> releases = shelf.releases();
        return Planning.plan(shelf.product(), tenant, releases, to, peers);
    }

    Path approved() {
        return APPROVED.resolve(shelf.name()).resolve(page.replace('=', '-') + ".txt");
    }

    static Map<ComponentName, Version> peers(Tenant tenant, Map<TenantId, Version> runs) {
        Map<ComponentName, Version> peers = new HashMap<>();
        tenant.site().peers().forEach((component, id) -> {
            if (runs.containsKey(id)) {
                peers.put(component, runs.get(id));
            }
        });
        return peers;
    }
}
