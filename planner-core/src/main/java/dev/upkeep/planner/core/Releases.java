package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is published of a product.
 *
 * @param published every release, those that were recalled among them: a tenant may still run one
 * @param recalled those that nobody goes to any more
 */
public record Releases(List<Release> published, Map<Version, Recall> recalled) {
    public Releases {
        published = List.copyOf(published);
        recalled = Map.copyOf(recalled);
    }

    /** Releases none of which was recalled. */
    public static Releases of(List<Release> published) {
        return new Releases(published, Map.of());
    }

    /** The release of a version. */
    public Optional<Release> find(Version version) {
        return published.stream().filter(r -> r.version().equals(version)).findFirst();
    }

    /** Who took it back and why, if somebody did. */
    public Optional<Recall> recall(Version version) {
        return Optional.ofNullable(recalled.get(version));
    }

    /** Whether a tenant may go to a version. */
    boolean offers(Version version) {
        return find(version).isPresent() && !recalled.containsKey(version);
    }
}
