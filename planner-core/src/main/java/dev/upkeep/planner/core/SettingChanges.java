package dev.upkeep.planner.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the releases crossed make of a tenant's settings.
 *
 * @param missing those that must be set and are not, each with the release that asks for it
 * @param notable what nobody must do anything about, but should know: what is stale, what has another default
 */
record SettingChanges(List<String> missing, List<String> notable) {
    SettingChanges {
        missing = List.copyOf(missing);
        notable = List.copyOf(notable);
    }

    static SettingChanges of(Product product, Tenant tenant, List<Release> crossed) {
        Sorting sorting = new Sorting(product, tenant);
        for (Release release : crossed) {
            release.settings().forEach(change -> sorting.take(release, change));
        }
        return new SettingChanges(List.copyOf(sorting.missing.values()), sorting.notable);
    }

    /** Goes through the releases in their order: what one asks for, a later one may rename or remove. */
    private static final class Sorting {
        private final Product product;
        private final Tenant tenant;
        private final Map<String, String> missing = new LinkedHashMap<>();
        private final List<String> notable = new ArrayList<>();

        Sorting(Product product, Tenant tenant) {
            this.product = product;
            this.tenant = tenant;
        }

        void take(Release release, Release.SettingChange change) {
            String name = change.name();
            switch (change.fate()) {
                case REQUIRED -> {
                    if (change.value().isEmpty() && !isSet(change, name)) {
                        missing.put(name, name + " (required since " + release.version() + ")");
                    }
                }
                case RENAMED -> {
                    boolean wanted = missing.remove(name) != null || isSet(change, name);
                    if (wanted && !isSet(change, change.to())) {
                        missing.put(
                                change.to(),
                                change.to() + " (the name of " + name + " since " + release.version() + ")");
                    }
                    stale(change, "is called " + change.to() + " since " + release.version());
                }
                case REMOVED -> {
                    missing.remove(name);
                    stale(change, "is not read any more since " + release.version());
                }
                case DEPRECATED -> stale(change, "is deprecated since " + release.version());
                case DEFAULT_CHANGED -> {
                    if (!isSet(change, name)) {
                        notable.add(name + " is not set, and its default is "
                                + (change.value().isEmpty() ? "another" : change.value()) + " since "
                                + release.version());
                    }
                }
                case PARSED_OTHERWISE -> stale(change, "is read otherwise since " + release.version());
                case NEW -> {}
            }
        }

        private void stale(Release.SettingChange change, String what) {
            if (isSet(change, change.name())) {
                notable.add(change.name() + " is set, and " + what);
            }
        }

        private boolean isSet(Release.SettingChange change, String name) {
            return tenant.site().variables().contains(name)
                    || tenant.settings()
                            .getOrDefault(change.component(), Map.of())
                            .containsKey(name)
                    || product.component(change.component())
                            .map(c -> c.settings().containsKey(name))
                            .orElse(false);
        }
    }
}
