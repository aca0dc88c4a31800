package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A product's components as they are on one tenant: with its settings, and with the bytes of two versions.
 *
 * @param settings of a component, in addition to the descriptor's and over them
 */
record Targets(Product product, Map<ComponentName, Map<String, String>> settings, String of) {
    /** By this setting a tenant says that a component runs on another platform than the descriptor assumes. */
    static final String DRIVER = "driver";

    private static final String MIGRATES = "migrates";
    private static final String ON_START = "on-start";
    private static final String REVERTS = "reverts";
    private static final String LAST = "last";

    static Targets of(Product product, Tenant tenant) {
        return new Targets(product, tenant.settings(), "tenant " + tenant.id());
    }

    /** As the descriptor alone has them. */
    static Targets bare(Product product) {
        return new Targets(product, Map.of(), "a tenant");
    }

    /** The components with the bytes of the versions that the hop is between. */
    List<Target> all(List<Release> releases, Version from, Version to) {
        return product.components().stream()
                .map(c -> new Target(c.name(), driver(c), settings(c), artifacts(c, releases, from, to)))
                .toList();
    }

    /** Whether a component brings its database's schema up by itself when it starts. */
    boolean migratesOnStart(ComponentName component) {
        return product.component(component)
                .map(this::settings)
                .orElse(Map.of())
                .getOrDefault(MIGRATES, "")
                .equals(ON_START);
    }

    static boolean migratesOnStart(Target target) {
        return target.settings().getOrDefault(MIGRATES, "").equals(ON_START);
    }

    /** Whether of the migrations that ran only the last one can be taken back. */
    static boolean revertsOnlyTheLast(Target target) {
        return target.settings().getOrDefault(REVERTS, "").equals(LAST);
    }

    Product.ProbeTemplate resolved(Product.ProbeTemplate probe) {
        return switch (probe) {
            case Product.ProbeTemplate.HttpStatus p ->
                new Product.ProbeTemplate.HttpStatus(
                        p.name(), p.releases(), filled(p.url(), "probe " + p.name()), p.status());
            case Product.ProbeTemplate.HttpField p ->
                new Product.ProbeTemplate.HttpField(
                        p.name(),
                        p.releases(),
                        filled(p.url(), "probe " + p.name()),
                        p.pointer(),
                        filled(p.value(), "probe " + p.name()));
            case Product.ProbeTemplate.Schema p -> p;
        };
    }

    /** All texts of a probe that may name settings. */
    static String texts(Product.ProbeTemplate probe) {
        return switch (probe) {
            case Product.ProbeTemplate.HttpStatus p -> p.url();
            case Product.ProbeTemplate.HttpField p -> p.url() + p.value();
            case Product.ProbeTemplate.Schema p -> "{" + p.component() + ".schema}";
        };
    }

    Watch resolved(Product.MetricTemplate metric) {
        return metric.at(filled(metric.url(), "metric " + metric.name()));
    }

    private static DriverName driver(Product.Component component, Map<String, String> settings) {
        return Optional.ofNullable(settings.get(DRIVER)).map(DriverName::new).orElse(component.driver());
    }

    private DriverName driver(Product.Component component) {
        return driver(component, settings(component));
    }

    private Map<String, String> settings(Product.Component component) {
        Map<String, String> merged = new LinkedHashMap<>(component.settings());
        merged.putAll(settings.getOrDefault(component.name(), Map.of()));
        return merged;
    }

    private Map<String, Artifact> artifacts(
            Product.Component component, List<Release> releases, Version from, Version to) {
        Map<String, Artifact> byVersion = new LinkedHashMap<>();
        for (Version version : List.of(from, to)) {
            artifact(component, releases, version).ifPresent(a -> byVersion.put(version.toString(), a));
        }
        return byVersion;
    }

    /** What a release does not name stays as the newest one before it left it. */
    private static Optional<Artifact> artifact(Product.Component component, List<Release> releases, Version version) {
        ComponentName shared = component.uses().getOrDefault("artifact", component.name());
        return releases.stream()
                .filter(r -> r.version().compareTo(version) <= 0)
                .sorted(Comparator.comparing(Release::version).reversed())
                .flatMap(r -> Optional.ofNullable(r.artifacts().get(component.name()))
                        .or(() -> Optional.ofNullable(r.artifacts().get(shared)))
                        .stream())
                .findFirst();
    }

    private String filled(String text, String where) {
        return Placeholders.fill(text, name -> {
            if (name.equals("version")) {
                return "{version}";
            }
            int dot = name.indexOf('.');
            String value = dot < 0
                    ? null
                    : product.components().stream()
                            .filter(c -> c.name().value().equals(name.substring(0, dot)))
                            .findFirst()
                            .map(c -> settings(c).get(name.substring(dot + 1)))
                            .orElse(null);
            if (value == null) {
                throw new Unresolved(where + " needs {" + name + "}, which neither the descriptor nor " + of
                        + " sets: set it under components of the tenant");
            }
            return value;
        });
    }

    /** A text of the descriptor asks for a setting that nobody sets. */
    static final class Unresolved extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unresolved(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
