package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.FloatingTag;
import dev.upkeep.planner.core.Placeholders;
import dev.upkeep.planner.core.Policies.Environment;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Tenant;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a tenant. */
public final class TenantDocument {
    private static final String DRIVER = "driver";
    private static final String ANY = "1.0.0";

    private final JsonNode document;
    private final Product product;
    private final Problems problems;

    private TenantDocument(JsonNode document, Product product) {
        this.document = document;
        this.product = product;
        this.problems = new Problems(Kind.TENANT.problems(document));
    }

    /**
     * Finds all that is wrong with a document that nobody registers yet: without a version, a new tenant begins with a
     * release that only the planner knows.
     */
    public static void lint(JsonNode document, Product product) throws Refused {
        boolean told = !document.isObject() || document.has("version");
        read(told ? document : ((ObjectNode) document.deepCopy()).put("version", ANY), product);
    }

    /** The tenant, or all that is wrong with it. */
    public static Tenant read(JsonNode document, Product product) throws Refused {
        TenantDocument reading = new TenantDocument(document, product);
        if (document.isObject() && !document.has("version")) {
            reading.problems.add(
                    "/version",
                    "'version' is missing, and there is no release for it to begin with",
                    "add 'version', or publish a release first");
        }
        reading.checkRing();
        reading.checkModel();
        reading.checkComponents();
        reading.checkSettings();
        reading.checkTimes();
        reading.checkPeers();
        reading.checkFollows();
        reading.problems.refuseAny();
        return reading.problems.built("", () -> tenant(document));
    }

    /** Finds all that is wrong with windows that stand alone, an array of them. */
    public static void checkWindows(JsonNode windows) throws Refused {
        if (!windows.isArray()) {
            throw new Refused(List.of(new Problem("/windows", "this is no list", "send a list of windows")));
        }
        ObjectNode alone = JsonNodeFactory.instance.objectNode();
        alone.set("windows", windows);
        Problems problems = new Problems(Kind.TENANT.problems(alone).stream()
                .filter(problem -> problem.pointer().startsWith("/windows"))
                .toList());
        Nodes.each(windows, "/windows", (pointer, window) -> WindowDocument.check(pointer, window, problems));
        problems.refuseAny();
    }

    /** A document that was taken before; what is wrong with it now does not matter. */
    public static Tenant stored(JsonNode document) {
        return tenant(document);
    }

    private void checkRing() {
        List<String> rings = product.rings().stream().map(r -> r.name().value()).toList();
        if (document.has("ring") && !rings.contains(document.get("ring").asText())) {
            problems.add(
                    "/ring",
                    "product " + product.name() + " has no ring '"
                            + document.get("ring").asText() + "'",
                    "use one of " + String.join(", ", rings));
        }
    }

    private void checkModel() {
        Set<String> models = new TreeSet<>();
        product.procedures().forEach(p -> p.models().forEach(m -> models.add(Nodes.word(m))));
        if (document.has("model") && !models.contains(document.get("model").asText())) {
            problems.add(
                    "/model",
                    "product " + product.name() + " has no procedure for the model '"
                            + document.get("model").asText() + "'",
                    "use one of " + String.join(", ", models) + ", or add a procedure to the descriptor");
        }
    }

    private void checkComponents() {
        Nodes.eachValue(document.path("components"), "/components", (pointer, known) -> {
            String name = Nodes.lastKey(pointer);
            checkComponent(pointer, name);
            problems.noSecretsInClear(pointer + "/settings", known.path("settings"));
            if (known.has("version")
                    && component(name)
                            .filter(TenantDocument::hasTheTenantsVersion)
                            .isPresent()) {
                problems.add(
                        pointer + "/version",
                        "component '" + name + "' moves with the product's releases, so its version is the tenant's",
                        "remove it, or say in the descriptor that the component is trailing or has a cadence of its own");
            }
        });
    }

    private static boolean hasTheTenantsVersion(Product.Component component) {
        return switch (component.cadence()) {
            case PRODUCT, RIDES_ALONG -> true;
            case TRAILING, OWN -> false;
        };
    }

    private Optional<Product.Component> component(String name) {
        return product.components().stream()
                .filter(c -> c.name().value().equals(name))
                .findFirst();
    }

    private void checkComponent(String pointer, String name) {
        if (component(name).isEmpty()) {
            problems.add(
                    pointer,
                    "product " + product.name() + " has no component '" + name + "'",
                    "use one of "
                            + product.components().stream()
                                    .map(c -> c.name().value())
                                    .collect(Collectors.joining(", ")));
        }
    }

    /** What drivers, probes and metrics need is set here or in the descriptor. */
    private void checkSettings() {
        for (Product.Component component : product.components()) {
            if (document.path("peers").has(component.name().value())) {
                continue;
            }
            JsonNode settings =
                    document.path("components").path(component.name().value()).path("settings");
            String platform = settings.path(DRIVER).asText(component.driver().value());
            Drivers.Driver driver = Drivers.all().get(platform);
            if (settings.has(DRIVER)) {
                checkPlatform(component, platform, driver);
            }
            String at = "/components/" + component.name() + "/settings";
            Set<String> read = placeholders(component);
            Settings.check(problems, at, settings, platform, read::contains);
            Set<String> ofDriver = driver == null ? Set.of() : driver.settings();
            Set<String> needed = new TreeSet<>(ofDriver);
            needed.addAll(read);
            needed.removeAll(component.settings().keySet());
            needed.stream()
                    .filter(setting -> !settings.has(setting))
                    .forEach(setting -> problems.add(
                            "/components/" + component.name() + "/settings/" + Kind.escaped(setting),
                            "component '" + component.name() + "' needs the setting '" + setting + "', because "
                                    + (ofDriver.contains(setting)
                                            ? "its driver, " + platform + ", does"
                                            : "a probe or a metric reads {" + component.name() + "." + setting + "}"),
                            "add it here, or to the component in the descriptor"));
            checkSettingsOfActions(component, platform, settings);
        }
    }

    /** What an action that a procedure of the tenant's model asks of a component can't be carried out without. */
    private void checkSettingsOfActions(Product.Component component, String platform, JsonNode settings) {
        asked(component)
                .map(Product.StepTemplate::word)
                .filter(Drivers::isExecuted)
                .distinct()
                .sorted()
                .forEach(word -> {
                    List<String> either = Drivers.settingsFor(platform, word);
                    if (!either.isEmpty()
                            && either.stream()
                                    .noneMatch(setting -> settings.has(setting)
                                            || component.settings().containsKey(setting))) {
                        problems.add(
                                "/components/" + component.name() + "/settings/" + Kind.escaped(either.getFirst()),
                                "component '" + component.name() + "' needs the setting '" + either.getFirst()
                                        + "', because a procedure asks " + word + " of it and its driver, " + platform
                                        + ", has no other way",
                                "add it here, or to the component in the descriptor");
                    }
                });
    }

    /** The steps of the procedures of the tenant's model that a component has. */
    private Stream<Product.StepTemplate> asked(Product.Component component) {
        return product.procedures().stream()
                .filter(p -> p.models().stream()
                        .anyMatch(
                                m -> Nodes.word(m).equals(document.path("model").asText())))
                .flatMap(p -> p.steps().stream())
                .filter(s -> s.component().equals(component.name()));
    }

    /** A component may run on another platform than the descriptor assumes, if that can do all that is asked of it. */
    private void checkPlatform(Product.Component component, String platform, Drivers.@Nullable Driver driver) {
        String pointer = "/components/" + component.name() + "/settings/" + DRIVER;
        if (driver == null) {
            problems.add(
                    pointer,
                    "unknown driver '" + platform + "'",
                    "use one of "
                            + String.join(", ", new TreeSet<>(Drivers.all().keySet())));
            return;
        }
        Set<String> missing = new TreeSet<>();
        asked(component).filter(s -> !driver.canDo(s.word())).forEach(s -> missing.add(s.word()));
        if (!missing.isEmpty()) {
            problems.add(
                    pointer,
                    "driver '" + platform + "' can't " + String.join(", ", missing) + ", which procedures ask of '"
                            + component.name() + "'",
                    "use a driver that can, or the descriptor's, " + component.driver());
        }
    }

    /** The settings that probes and metrics read. */
    private Set<String> placeholders(Product.Component component) {
        Set<String> names = new TreeSet<>();
        Stream<String> texts = Stream.concat(
                product.metrics().stream().map(Product.MetricTemplate::url),
                product.probes().stream().map(probe -> switch (probe) {
                    case Product.ProbeTemplate.HttpStatus p -> p.url();
                    case Product.ProbeTemplate.HttpField p -> p.url() + p.value();
                    case Product.ProbeTemplate.Schema p -> "";
                }));
        String prefix = component.name() + ".";
        texts.flatMap(text -> Placeholders.names(text).stream())
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> names.add(name.substring(prefix.length())));
        return names;
    }

    private void checkTimes() {
        problems.zone("/zone", document.path("zone"));
        Nodes.each(
                document.path("windows"),
                "/windows",
                (pointer, window) -> WindowDocument.check(pointer, window, problems));
        Nodes.each(document.path("freezes"), "/freezes", (pointer, freeze) -> {
            problems.instant(pointer + "/from", freeze.path("from"));
            problems.instant(pointer + "/to", freeze.path("to"));
        });
    }

    private void checkPeers() {
        Nodes.eachValue(document.path("peers"), "/peers", (pointer, peer) -> {
            checkComponent(pointer, Nodes.lastKey(pointer));
            if (peer.asText().equals(document.path("tenant").asText())) {
                problems.add(pointer, "a tenant is no peer of itself", "name the other tenant");
            }
        });
    }

    /** A floating tag is followed only where the product says so. */
    private void checkFollows() {
        String tag = document.path("follows").asText("");
        FloatingTag.shape(tag).ifPresent(shape -> {
            String environment = document.path("environment").asText(Nodes.word(Environment.PRODUCTION));
            Set<Environment> places = product.policies().versioning().floating().getOrDefault(shape, Set.of());
            if (places.stream().noneMatch(place -> Nodes.word(place).equals(environment))) {
                String allowed = Arrays.stream(Environment.values())
                        .filter(places::contains)
                        .map(Nodes::word)
                        .collect(Collectors.joining(", "));
                problems.add(
                        "/follows",
                        "tag '" + tag + "' floats, and " + product.name() + " lets no " + environment
                                + " tenant follow one of that shape",
                        "remove it, so that the exact version counts"
                                + (allowed.isEmpty() ? "" : "; only " + allowed + " may follow it"));
            }
        });
    }

    private static Tenant tenant(JsonNode document) {
        return new Tenant(
                new TenantId(document.get("tenant").asText()),
                new AccountId(document.get("account").asText()),
                new ProductName(document.get("product").asText()),
                Version.of(document.get("version").asText()),
                Nodes.constant(Model.class, document.get("model").asText()),
                new RingName(document.get("ring").asText()),
                Nodes.<ZoneId>optional(document, "zone", ZoneId::of).orElse(ZoneOffset.UTC),
                Nodes.list(document.path("windows"), WindowDocument::window),
                Nodes.list(document.path("freezes"), TenantDocument::freeze),
                Nodes.map(document.path("components"), ComponentName::new, c -> Nodes.texts(c.path("settings"))),
                site(document));
    }

    private static Tenant.Freeze freeze(JsonNode node) {
        return new Tenant.Freeze(
                Instant.parse(node.get("from").asText()),
                Instant.parse(node.get("to").asText()),
                node.get("reason").asText(),
                Nodes.set(node.path("bumps"), word -> Nodes.constant(Bump.class, word)));
    }

    private static Tenant.Site site(JsonNode document) {
        Map<ComponentName, Version> versions = new HashMap<>();
        document.path("components")
                .properties()
                .forEach(entry -> Nodes.optional(entry.getValue(), "version", Version::of)
                        .ifPresent(version -> versions.put(new ComponentName(entry.getKey()), version)));
        return new Tenant.Site(
                Nodes.constant(document, "environment", Environment.PRODUCTION),
                versions,
                Nodes.texts(document.path("third-party")),
                Nodes.set(document.path("variables"), name -> name),
                Nodes.map(document.path("rows"), table -> table, JsonNode::asLong),
                Nodes.map(document.path("peers"), ComponentName::new, peer -> new TenantId(peer.asText())),
                Nodes.optional(document, "follows", tag -> tag));
    }
}
