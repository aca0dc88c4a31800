package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Migration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The releases that lie between two versions, the later one included: what an upgrade brings is what they bring
 * together. Where it leads back from a recalled release, they are what it leaves.
 *
 * @param releases in the order of their versions
 * @param published when each came out
 * @param recalled who took back the version that is gone to, if somebody did
 */
public record Stretch(
        Version from, Version to, List<Release> releases, Map<Version, Instant> published, Optional<Recall> recalled) {
    public Stretch {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        releases = List.copyOf(releases);
        published = Map.copyOf(published);
        Objects.requireNonNull(recalled, "recalled");
    }

    /**
     * Those of a product's releases that lie between.
     *
     * @param all in any order
     * @param published when each came out
     */
    public static Stretch of(List<Release> all, Map<Version, Instant> published, Version from, Version to) {
        return of(Releases.of(all), published, from, to);
    }

    /** The same where some were recalled. */
    public static Stretch of(Releases all, Map<Version, Instant> published, Version from, Version to) {
        boolean back = from.compareTo(to) > 0;
        Version lower = back ? to : from;
        Version upper = back ? from : to;
        return new Stretch(
                from,
                to,
                all.published().stream()
                        .filter(r ->
                                r.version().compareTo(lower) > 0 && r.version().compareTo(upper) <= 0)
                        .sorted(Comparator.comparing(Release::version))
                        .toList(),
                published,
                all.recall(to));
    }

    /** What separates the two. */
    public Bump bump() {
        return Bump.between(from, to);
    }

    /** The release that is gone to, or that is left on a way back, if it is published. */
    Optional<Release> target() {
        Version upper = from.compareTo(to) > 0 ? from : to;
        return releases.stream().filter(r -> r.version().equals(upper)).findFirst();
    }

    /**
     * What procedures and steps depend on when a tenant crosses it, if the target is published; a way back goes by those
     * of the way up.
     */
    Optional<Product.Crossing> crossing(Product product, Tenant tenant) {
        Version lower = from.compareTo(to) > 0 ? to : from;
        return target().map(target -> Crossed.between(
                        product, lower, target, releases, tenant.site().peers().keySet())
                .crossing());
    }

    /** Whether one of them answers a security advisory. */
    boolean isSecurity() {
        return releases.stream().anyMatch(Release::isSecurity);
    }

    /** What running a migration takes, where its release says so. */
    Optional<Release.Cost> cost(Migration migration) {
        return releases.stream()
                .flatMap(r -> Optional.ofNullable(r.costs().get(migration.id())).stream())
                .findFirst();
    }

    /**
     * When the line that is gone to came out: for a major its first release, for a minor that minor's first, for a patch
     * itself.
     */
    Optional<Instant> lineCameOut() {
        return releases.stream()
                .map(Release::version)
                .filter(this::isOfTheLine)
                .flatMap(version -> Optional.ofNullable(published.get(version)).stream())
                .min(Comparator.naturalOrder());
    }

    private boolean isOfTheLine(Version version) {
        return switch (bump()) {
            case MAJOR -> version.major() == to.major();
            case MINOR -> Bump.between(version, to) == Bump.PATCH;
            case PATCH -> version.equals(to);
        };
    }
}
