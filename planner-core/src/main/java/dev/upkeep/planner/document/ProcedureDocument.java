package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.core.Actions;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Product.Condition;
import dev.upkeep.planner.core.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads a descriptor's procedures: their conditions, their steps, what is checked before. */
final class ProcedureDocument {
    private static final Version ANY = Version.of("1.0.0");
    private static final Set<String> UNDO_WORDS =
            Set.of("export-writes", "restore-database", "revert-migrations", "restore-configuration", "attach-key");
    private static final Set<String> NEEDED = Set.of("span", "task", "what", "of");
    private static final Set<String> PARAMETERS = Arrays.stream(Actions.values())
            .flatMap(action -> action.parameters().stream())
            .collect(Collectors.toCollection(TreeSet::new));

    private final Components components;
    private final Problems problems;

    private ProcedureDocument(Components components, Problems problems) {
        this.components = components;
        this.problems = problems;
    }

    // ---- checks, on a tree that may be malformed in other places

    static void check(JsonNode document, Components components, Problems problems) {
        ProcedureDocument reading = new ProcedureDocument(components, problems);
        Nodes.each(document.path("procedures"), "/procedures", reading::checkProcedure);
        Nodes.each(
                document.path("procedures"),
                "/procedures",
                (pointer, procedure) -> reading.checkRehearsal(pointer, procedure, document.path("bumps")));
    }

    private void checkProcedure(String pointer, JsonNode procedure) {
        checkConditions(pointer + "/when", procedure.path("when"));
        Nodes.each(procedure.path("steps"), pointer + "/steps", this::checkStep);
        Nodes.eachValue(
                procedure.path("deadlines"), pointer + "/deadlines", (at, deadline) -> problems.span(at, deadline));
        procedure.path("deadlines").properties().forEach(deadline -> {
            if (Actions.of(deadline.getKey()).isEmpty() && !UNDO_WORDS.contains(deadline.getKey())) {
                problems.add(
                        pointer + "/deadlines/" + Kind.escaped(deadline.getKey()),
                        "unknown action '" + deadline.getKey() + "'",
                        "use an action's word, such as migrate");
            }
        });
    }

    /** Where migrations may come, a proof of PostgreSQL's backup rehearses them, or fails. */
    private void checkRehearsal(String pointer, JsonNode procedure, JsonNode bumps) {
        List<String> proofs = new ArrayList<>();
        List<String> rehearsals = new ArrayList<>();
        Nodes.each(procedure.path("steps"), pointer + "/steps", (at, step) -> {
            JsonNode component =
                    components.byName().get(step.path("prove-backup").asText());
            if (component != null && component.path("driver").asText().equals("postgresql")) {
                boolean rehearses = step.path("uses").has("schema")
                        || component.path("uses").has("schema");
                (rehearses ? rehearsals : proofs).add(at);
            }
        });
        boolean mayMigrate = false;
        for (JsonNode bump : procedure.path("bumps")) {
            mayMigrate |= bumps.path(bump.asText()).path("schema-change").asBoolean(false);
        }
        boolean without = procedure.path("when").toString().contains("{\"not\":\"schema-changes\"}");
        if (mayMigrate && !without && rehearsals.isEmpty() && !proofs.isEmpty()) {
            problems.add(
                    proofs.getFirst() + "/uses/schema",
                    "the proof rehearses the migrations that a release may bring, and nothing here runs them",
                    "add 'uses: {schema: <the component that migrates>}' to the step");
        }
    }

    private void checkConditions(String pointer, JsonNode conditions) {
        if (conditions.isArray()) {
            Nodes.each(conditions, pointer, this::checkCondition);
        } else {
            checkCondition(pointer, conditions);
        }
    }

    private void checkCondition(String pointer, JsonNode condition) {
        problems.range(pointer + "/from", condition.path("from"));
        problems.range(pointer + "/to", condition.path("to"));
        if (condition.has("not")) {
            checkCondition(pointer + "/not", condition.get("not"));
        }
    }

    private void checkStep(String pointer, JsonNode step) {
        checkConditions(pointer + "/when", step.path("when"));
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
        components.check(problems, pointer + "/" + word, step.get(word));
        components.checkEach(problems, pointer + "/uses", step.path("uses"));
        checkParameters(pointer, step, word);
        JsonNode component = components.byName().get(step.get(word).asText());
        if (component != null) {
            checkDriver(pointer, step, word, component);
        }
    }

    private void checkParameters(String pointer, JsonNode step, String word) {
        Set<String> allowed = Actions.of(word).orElseThrow().parameters();
        for (String parameter : PARAMETERS) {
            if (step.has(parameter) && !allowed.contains(parameter)) {
                problems.add(pointer + "/" + parameter, word + " has no '" + parameter + "'", "remove it");
            }
        }
        if (allowed.stream().anyMatch(NEEDED::contains)) {
            allowed.stream()
                    .filter(parameter -> !step.has(parameter))
                    .forEach(parameter ->
                            problems.add(pointer + "/" + parameter, word + " needs '" + parameter + "'", "add it"));
        }
    }

    private void checkDriver(String pointer, JsonNode step, String word, JsonNode component) {
        Drivers.Driver driver = Drivers.all().get(component.path("driver").asText());
        if (driver == null || !Drivers.isExecuted(word)) {
            return;
        }
        if (!driver.canDo(word)) {
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

    // ---- the procedures, once the tree is known to be sound

    static Product.Procedure procedure(JsonNode node) {
        return new Product.Procedure(
                Nodes.set(node.path("models"), word -> Nodes.constant(Model.class, word)),
                Nodes.set(node.path("bumps"), word -> Nodes.constant(Bump.class, word)),
                conditions(node.path("when")),
                Nodes.constant(node, "style", Product.Style.STOP_AND_START),
                node.path("customer-triggers").asBoolean(false),
                Nodes.span(node, "downtime", Duration.ZERO),
                Nodes.list(
                        node.path("checklist"),
                        check -> new Product.Check(
                                check.get("item").asText(),
                                check.get("evidence").asText())),
                Nodes.list(node.path("steps"), ProcedureDocument::step),
                Nodes.map(node.path("deadlines"), word -> word, span -> Duration.parse(span.asText())));
    }

    private static List<Condition> conditions(JsonNode node) {
        if (node.isMissingNode()) {
            return List.of();
        }
        return node.isArray() ? Nodes.list(node, ProcedureDocument::condition) : List.of(condition(node));
    }

    private static Condition condition(JsonNode node) {
        if (node.has("from")) {
            return new Condition.From(Range.of(node.get("from").asText()));
        }
        if (node.has("to")) {
            return new Condition.To(Range.of(node.get("to").asText()));
        }
        if (node.has("not")) {
            return new Condition.Not(condition(node.get("not")));
        }
        String word = node.asText();
        return switch (word) {
            case "schema-changes" -> new Condition.SchemaChanges();
            case "additive" -> new Condition.Additive();
            case "changed" -> new Condition.Changed();
            case "elsewhere" -> new Condition.Elsewhere();
            case "major" -> new Condition.Major();
            case "settings-change" -> new Condition.SettingsChange();
            case "definitions-change" -> new Condition.DefinitionsChange();
            case "tasks" -> new Condition.Tasks();
            default -> throw new IllegalArgumentException("unknown condition '" + word + "'");
        };
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
                word, component, Nodes.roles(node.path("uses")), conditions(node.path("when")), parameters);
        // The contract knows the bounds of an action's parameters; here they are asked for the first time.
        Objects.requireNonNull(Actions.of(word).orElseThrow().action(template, ANY, Action.Moment.BEFORE));
        return template;
    }
}
