package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A release that is about to be published, and what it must not contradict.
 *
 * @param published the product's releases that are out, lowest version first
 */
record Publication(Product product, Release release, List<Release> published) {
    Publication {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(release, "release");
        published = published.stream()
                .sorted(Comparator.comparing(Release::version))
                .toList();
    }

    Version version() {
        return release.version();
    }

    /** What its number promises: it counts what the number says, not what happens to be published before it. */
    Bump bump() {
        if (version().patch() > 0) {
            return Bump.PATCH;
        }
        return version().minor() > 0 ? Bump.MINOR : Bump.MAJOR;
    }

    String bumpWord() {
        return bump().name().toLowerCase(Locale.ROOT);
    }

    Product.Meaning meaning() {
        return product.meaning(bump());
    }

    Policies policies() {
        return product.policies();
    }

    /** The releases that it comes after. */
    List<Release> before() {
        return published.stream()
                .filter(r -> r.version().compareTo(version()) < 0)
                .toList();
    }

    static boolean sameLine(Version one, Version other) {
        return one.major() == other.major() && one.minor() == other.minor();
    }
}
