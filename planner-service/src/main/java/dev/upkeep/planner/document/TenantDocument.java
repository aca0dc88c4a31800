package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Placeholders;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.core.Window;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads a tenant. */
public final class TenantDocument {
    private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");

    private final JsonNode document;
    private final Product product;
    private final Problems problems;

    private TenantDocument(JsonNode document, Product product) {
        this.document = document;
        this.product = product;
        this.problems = new Problems(Kind.TENANT.problems(document));
    }

    /** The tenant, or all that is wrong with it. */
    public static Tenant read(JsonNode document, Product product) throws Refused {
        TenantDocument reading = new TenantDocument(document, product);
        reading.checkRing();
        reading.checkComponents();
        reading.checkTimes();
        reading.problems.refuseAny();
        return reading.problems.built("", () -> tenant(document));
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

    private void checkComponents() {
        document.path("components").properties().forEach(entry -> {
            String pointer = "/components/" + Kind.escaped(entry.getKey());
            if (product.components().stream().noneMatch(c -> c.name().value().equals(entry.getKey()))) {
                problems.add(
                        pointer,
                        "product " + product.name() + " has no component '" + entry.getKey() + "'",
                        "use one of "
                                + String.join(
                                        ", ",
                                        product.components().stream()
                                                .map(c -> c.name().value())
                                                .toList()));
            }
            problems.noSecretsInClear(pointer + "/settings", entry.getValue().path("settings"));
        });
        for (Product.Component component : product.components()) {
            Drivers.Driver driver = Drivers.all().get(component.driver().value());
            Set<String> needed = new TreeSet<>(driver == null ? Set.of() : driver.settings());
            needed.addAll(placeholders(component));
            needed.removeAll(component.settings().keySet());
            JsonNode settings =
                    document.path("components").path(component.name().value()).path("settings");
            needed.stream()
                    .filter(setting -> !settings.has(setting))
                    .forEach(setting -> problems.add(
                            "/components/" + component.name() + "/settings/" + Kind.escaped(setting),
                            "component '" + component.name() + "' needs the setting '" + setting + "'",
                            "add it"));
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
        Nodes.each(document.path("windows"), "/windows", (pointer, window) -> {
            try {
                ZoneId.of(window.path("zone").asText());
            } catch (DateTimeException e) {
                problems.add(
                        pointer + "/zone",
                        "unknown zone '" + window.path("zone").asText() + "'",
                        "use a zone of the tz database, such as Europe/Berlin");
            }
        });
    }

    private static Tenant tenant(JsonNode document) {
        return new Tenant(
                new TenantId(document.get("tenant").asText()),
                new AccountId(document.get("account").asText()),
                new ProductName(document.get("product").asText()),
                Version.of(document.get("version").asText()),
                ProductDocument.model(document.get("model").asText()),
                new RingName(document.get("ring").asText()),
                ZoneOffset.UTC,
                Nodes.list(document.path("windows"), TenantDocument::window),
                Nodes.list(
                        document.path("freezes"),
                        f -> new Tenant.Freeze(
                                Instant.parse(f.get("from").asText()),
                                Instant.parse(f.get("to").asText()),
                                f.get("reason").asText(),
                                Set.of())),
                settings(document.path("components")),
                Tenant.Site.PLAIN);
    }

    private static Map<ComponentName, Map<String, String>> settings(JsonNode components) {
        return Nodes.map(components, ComponentName::new, c -> Nodes.texts(c.path("settings")));
    }

    private static Window window(JsonNode node) {
        return new Window(
                new HashSet<>(Nodes.list(node.get("days"), day -> DayOfWeek.of(DAYS.indexOf(day.asText()) + 1))),
                LocalTime.parse(node.get("from").asText()),
                LocalTime.parse(node.get("to").asText()),
                ZoneId.of(node.get("zone").asText()));
    }
}
