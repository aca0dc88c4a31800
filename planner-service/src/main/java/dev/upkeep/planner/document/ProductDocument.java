package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.core.Actions;
import dev.upkeep.planner.core.Placeholders;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Policies;
import dev.upkeep.planner.core.Product;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads a product's descriptor. */
public final class ProductDocument {
    private static final Version ANY = Version.of("1.0.0");
    private static final Set<String> UNDO_WORDS = Set.of("export-writes", "restore-database", "revert-migrations");

    private final JsonNode document;
    private final Problems problems;
    private final Map<String, JsonNode> components = new LinkedHashMap<>();

    private ProductDocument(JsonNode document) {
        this.document = document;
        this.problems = new Problems(Kind.PRODUCT.problems(document));
    }

    /** The descriptor, or all that is wrong with it. */
    public static Product read(JsonNode document) throws Refused {
        ProductDocument reading = new ProductDocument(document);
        reading.checkComponents();
        reading.checkProcedures();
        reading.checkProbes();
        reading.checkUnique("/rings", "name");
        reading.checkUnique("/metrics", "name");
        reading.problems.refuseAny();
        Product product = reading.problems.built("", () -> product(document));
        reading.checkPlans(product);
        reading.problems.refuseAny();
        return product;
    }

    /** A document that was taken before; what is wrong with it by a later schema does not matter. */
    public static Product stored(JsonNode document) {
        return product(document);
    }

    // ---- checks, on a tree that may be malformed in other places

    private void checkComponents() {
        Nodes.each(document.path("components"), "/components", (pointer, component) -> {
            String name = component.path("name").asText();
            if (components.putIfAbsent(name, component) != null) {
                problems.add(pointer + "/name", "component '" + name + "' is there twice", "give each its own name");
            }
        });
        Nodes.each(document.path("components"), "/components", (pointer, component) -> {
            String driver = component.path("driver").asText();
            if (component.has("driver") && !Drivers.all().containsKey(driver)) {
                problems.add(
                        pointer + "/driver",
                        "unknown driver '" + driver + "'",
                        "use one of "
                                + String.join(", ", new TreeSet<>(Drivers.all().keySet())));
            }
            Nodes.each(component.path("after"), pointer + "/after", this::checkComponent);
            component
                    .path("uses")
                    .properties()
                    .forEach(use -> checkComponent(pointer + "/uses/" + Kind.escaped(use.getKey()), use.getValue()));
            problems.noSecretsInClear(pointer + "/settings", component.path("settings"));
        });
        checkCycles();
    }

    private void checkComponent(String pointer, JsonNode name) {
        if (!components.containsKey(name.asText())) {
            problems.add(
                    pointer,
                    "unknown component '" + name.asText() + "'",
                    "use one of " + String.join(", ", components.keySet()));
        }
    }

    private void checkCycles() {
        Set<String> done = new HashSet<>();
        Nodes.each(document.path("components"), "/components", (pointer, component) -> {
            List<String> cycle = cycleFrom(component.path("name").asText(), new LinkedHashSet<>(), done);
            if (!cycle.isEmpty()) {
                problems.add(
                        pointer + "/after",
                        "the order of components is a cycle: " + String.join(" → ", cycle),
                        "remove one of these from 'after'");
            }
        });
    }

    private List<String> cycleFrom(String name, LinkedHashSet<String> path, Set<String> done) {
        if (done.contains(name)) {
            return List.of();
        }
        if (!path.add(name)) {
            List<String> cycle = new ArrayList<>(path);
            List<String> found = new ArrayList<>(cycle.subList(cycle.indexOf(name), cycle.size()));
            found.add(name);
            return found;
        }
        JsonNode component = components.get(name);
        List<String> found = List.of();
        if (component != null) {
            for (JsonNode before : component.path("after")) {
                found = found.isEmpty() ? cycleFrom(before.asText(), path, done) : found;
            }
        }
        path.remove(name);
        done.add(name);
        return found;
    }

    private void checkProcedures() {
        Nodes.each(document.path("procedures"), "/procedures", (pointer, procedure) -> {
            Nodes.each(procedure.path("steps"), pointer + "/steps", this::checkStep);
            procedure.path("deadlines").properties().forEach(deadline -> {
                if (Actions.of(deadline.getKey()).isEmpty() && !UNDO_WORDS.contains(deadline.getKey())) {
                    problems.add(
                            pointer + "/deadlines/" + Kind.escaped(deadline.getKey()),
                            "unknown action '" + deadline.getKey() + "'",
                            "use an action's word, such as migrate");
                }
            });
        });
    }

    private void checkStep(String pointer, JsonNode step) {
        List<String> words = new ArrayList<>();
        step.fieldNames().forEachRemaining(key -> {
            if (Actions.of(key).isPresent()) {
                words.add(key);
            }
        });
        if (words.size() != 1) {
            problems.add(
                    pointer,
                    words.isEmpty() ? "the step names no action" : "the step names several actions: " + words,
                    "write one action and its component, such as 'stop: app'");
            return;
        }
        String word = words.getFirst();
        checkComponent(pointer + "/" + word, step.get(word));
        step.path("uses")
                .properties()
                .forEach(use -> checkComponent(pointer + "/uses/" + Kind.escaped(use.getKey()), use.getValue()));
        checkParameters(pointer, step, word);
        JsonNode component = components.get(step.get(word).asText());
        if (component != null) {
            checkDriver(pointer, step, word, component);
        }
    }

    private void checkParameters(String pointer, JsonNode step, String word) {
        Set<String> allowed = Actions.of(word).orElseThrow().parameters();
        for (String parameter : List.of("free-share", "span", "retry-after", "task", "what")) {
            if (step.has(parameter) && !allowed.contains(parameter)) {
                problems.add(pointer + "/" + parameter, word + " has no '" + parameter + "'", "remove it");
            }
        }
        if (allowed.contains("span") || allowed.contains("task") || allowed.contains("what")) {
            allowed.stream()
                    .filter(parameter -> !step.has(parameter))
                    .forEach(parameter ->
                            problems.add(pointer + "/" + parameter, word + " needs '" + parameter + "'", "add it"));
        }
    }

    private void checkDriver(String pointer, JsonNode step, String word, JsonNode component) {
        Drivers.Driver driver = Drivers.all().get(component.path("driver").asText());
        boolean judged = word.equals("baseline") || word.startsWith("verify-");
        if (driver == null || judged) {
            return;
        }
        if (!driver.actions().contains(word)) {
            problems.add(
                    pointer + "/" + word,
                    "driver '" + component.path("driver").asText() + "' of component '"
                            + step.get(word).asText() + "' has no action '" + word + "'",
                    "name a component whose driver has it: " + String.join(", ", new TreeSet<>(driversWith(word)))
                            + " do");
            return;
        }
        Set<String> roles = new HashSet<>();
        component.path("uses").fieldNames().forEachRemaining(roles::add);
        step.path("uses").fieldNames().forEachRemaining(roles::add);
        driver.roles().getOrDefault(word, Set.of()).stream()
                .filter(role -> !roles.contains(role))
                .sorted()
                .forEach(role -> problems.add(
                        pointer + "/uses/" + role,
                        word + " needs a component in the role '" + role + "'",
                        "add 'uses: {" + role + ": <component>}' to the step or to its component"));
    }

    private static Collection<String> driversWith(String word) {
        return Drivers.all().entrySet().stream()
                .filter(d -> d.getValue().actions().contains(word))
                .map(Map.Entry::getKey)
                .toList();
    }

    private void checkProbes() {
        checkUnique("/probes", "name");
        Nodes.each(document.path("probes"), "/probes", (pointer, probe) -> {
            if (probe.has("component")) {
                checkComponent(pointer + "/component", probe.get("component"));
            }
            long kinds = List.of("http-status", "http-field", "schema").stream()
                    .filter(probe::has)
                    .count();
            if (kinds != 1) {
                problems.add(
                        pointer, "a probe is one of http-status, http-field and schema", "give exactly one of them");
            }
            if ((probe.has("http-status") || probe.has("http-field")) && !probe.has("path")) {
                problems.add(pointer + "/path", "'path' is missing", "add 'path': the URL");
            }
            if (probe.has("http-field") != probe.has("equals")) {
                problems.add(pointer + "/equals", "http-field and equals go together", "give both or neither");
            }
            checkPlaceholders(pointer + "/path", probe.path("path"), true);
            checkPlaceholders(pointer + "/equals", probe.path("equals"), true);
        });
        Nodes.each(document.path("metrics"), "/metrics", (pointer, metric) -> {
            checkPlaceholders(pointer + "/url", metric.path("url"), false);
            if (!metric.has("ceiling") && !metric.has("worsening")) {
                problems.add(pointer, "the metric bounds nothing", "add 'ceiling' or 'worsening'");
            }
        });
    }

    private void checkPlaceholders(String pointer, JsonNode text, boolean versionAllowed) {
        for (String name : Placeholders.names(text.asText(""))) {
            boolean known = name.equals("version")
                    ? versionAllowed
                    : name.contains(".") && components.containsKey(name.substring(0, name.indexOf('.')));
            if (!known) {
                problems.add(
                        pointer,
                        "{" + name + "} stands for nothing",
                        "write {component.setting}" + (versionAllowed ? " or {version}" : ""));
            }
        }
    }

    private void checkUnique(String array, String key) {
        Set<String> seen = new HashSet<>();
        Nodes.each(document.at(array), array, (pointer, item) -> {
            String value = item.path(key).asText();
            if (item.has(key) && !seen.add(value)) {
                problems.add(pointer + "/" + key, "'" + value + "' is there twice", "give each its own " + key);
            }
        });
    }

    // ---- the descriptor, once the tree is known to be sound

    private static Product product(JsonNode document) {
        return new Product(
                new ProductName(document.get("product").asText()),
                Nodes.list(document.path("components"), ProductDocument::component),
                Nodes.map(document.path("bumps"), ProductDocument::bump, ProductDocument::meaning),
                Nodes.list(document.path("procedures"), ProductDocument::procedure),
                Nodes.list(document.path("probes"), ProductDocument::probe),
                Nodes.list(document.path("metrics"), ProductDocument::metric),
                Nodes.list(document.path("rings"), ProductDocument::ring),
                Policies.NONE);
    }

    private static Product.Component component(JsonNode node) {
        return new Product.Component(
                new ComponentName(node.get("name").asText()),
                new DriverName(node.get("driver").asText()),
                Nodes.list(node.path("after"), name -> new ComponentName(name.asText())),
                Nodes.roles(node.path("uses")),
                Nodes.texts(node.path("settings")),
                Product.Cadence.PRODUCT);
    }

    private static Bump bump(String word) {
        return Bump.valueOf(word.toUpperCase(Locale.ROOT));
    }

    static Model model(String word) {
        return Model.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static Product.Meaning meaning(JsonNode node) {
        return new Product.Meaning(
                node.path("schema-change").asBoolean(false),
                Product.Settings.ANY,
                true,
                node.path("consent").asBoolean(false),
                Duration.ZERO,
                Nodes.span(node, "notice", Duration.ZERO),
                Set.of(),
                Duration.ZERO,
                Product.WindowNeed.IF_SET,
                Product.Acknowledge.NOTHING,
                node.path("undo").asText("as-found").equals("restore") ? Product.Undo.RESTORE : Product.Undo.AS_FOUND);
    }

    private static Product.Procedure procedure(JsonNode node) {
        return new Product.Procedure(
                new HashSet<>(Nodes.list(node.path("models"), model -> model(model.asText()))),
                new HashSet<>(Nodes.list(node.path("bumps"), bump -> bump(bump.asText()))),
                List.of(),
                Product.Style.STOP_AND_START,
                false,
                Duration.ZERO,
                List.of(),
                Nodes.list(node.path("steps"), ProductDocument::step),
                Nodes.map(node.path("deadlines"), word -> word, span -> Duration.parse(span.asText())));
    }

    private static Product.StepTemplate step(JsonNode node) {
        Map<String, String> parameters = new HashMap<>(Nodes.texts(node));
        String word = parameters.keySet().stream()
                .filter(key -> Actions.of(key).isPresent())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the step names no action"));
        ComponentName component = new ComponentName(node.get(word).asText());
        parameters.keySet().retainAll(Actions.of(word).orElseThrow().parameters());
        Product.StepTemplate template = new Product.StepTemplate(
                word,
                component,
                Nodes.roles(node.path("uses")),
                node.has("when") ? List.of(new Product.Condition.SchemaChanges()) : List.of(),
                parameters);
        // The contract knows the bounds of an action's parameters; here they are asked for the first time.
        Objects.requireNonNull(Actions.of(word).orElseThrow().action(template, ANY, Action.Moment.BEFORE));
        return template;
    }

    private static Product.ProbeTemplate probe(JsonNode node) {
        String name = node.get("name").asText();
        if (node.has("http-status")) {
            return new Product.ProbeTemplate.HttpStatus(
                    name, node.get("path").asText(), node.get("http-status").asInt());
        }
        return node.has("http-field")
                ? new Product.ProbeTemplate.HttpField(
                        name,
                        node.get("path").asText(),
                        node.get("http-field").asText(),
                        node.get("equals").asText())
                : new Product.ProbeTemplate.Schema(
                        name, new ComponentName(node.get("component").asText()));
    }

    private static Product.MetricTemplate metric(JsonNode node) {
        return new Product.MetricTemplate(
                node.get("name").asText(),
                node.get("url").asText(),
                selection(node.get("of")),
                selection(node.get("per")),
                node.get("at-least").asDouble(),
                bound(node, "ceiling"),
                bound(node, "worsening"),
                node.path("slack").asDouble(0));
    }

    private static Optional<Double> bound(JsonNode node, String key) {
        return node.has(key) ? Optional.of(node.get(key).asDouble()) : Optional.empty();
    }

    private static Watch.Selection selection(JsonNode node) {
        return new Watch.Selection(node.get("metric").asText(), Nodes.texts(node.path("where")));
    }

    private static Product.Ring ring(JsonNode node) {
        return new Product.Ring(
                new RingName(node.get("name").asText()),
                Nodes.span(node, "soak", Duration.ZERO),
                node.path("concurrency").asInt(1),
                node.path("failure-budget").asInt(0));
    }

    /** Plans each procedure once with and once without migrations: what can't be undone is refused before it is tried. */
    private void checkPlans(Product product) {
        for (int i = 0; i < product.procedures().size(); i++) {
            Product.Procedure procedure = product.procedures().get(i);
            for (String reason : Planning.unsafe(product, procedure)) {
                problems.add("/procedures/" + i + "/steps", reason, "complete the procedure");
            }
        }
    }
}
