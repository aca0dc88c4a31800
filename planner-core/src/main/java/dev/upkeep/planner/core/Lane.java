package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The lane of security releases: shorter soaks, a shorter notice, and a way around a delay, for the bumps that may. */
public final class Lane {
    private Lane() {}

    /** A product's rings as a rollout of a release goes through them: a security release soaks no longer than its lane says. */
    public static List<Product.Ring> rings(Product product, Release release, Collection<Version> published) {
        Policies.Expedited lane = product.policies().expedited();
        boolean expedited = release.isSecurity()
                && bump(release.version(), published)
                        .filter(lane.bumps()::contains)
                        .isPresent();
        return expedited
                ? product.rings().stream()
                        .map(r -> r.soakingAtMost(lane.soak()))
                        .toList()
                : product.rings();
    }

    /** What separates a release from the one before it. */
    private static Optional<Bump> bump(Version version, Collection<Version> published) {
        return published.stream()
                .filter(v -> v.compareTo(version) < 0)
                .max(Comparator.naturalOrder())
                .map(before -> Bump.between(before, version));
    }
}
