package dev.upkeep.planner.runbook;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What {@code commands.yaml} says: the words of each action, and the commands of each driver. */
final class Commands {
    private static final Commands READ = read();

    private final Map<String, Words> actions;
    private final JsonNode drivers;

    private Commands(Map<String, Words> actions, JsonNode drivers) {
        this.actions = Map.copyOf(actions);
        this.drivers = drivers;
    }

    /**
     * What an action does, as sentences with placeholders in them.
     *
     * @param see what must be seen after it
     * @param otherwise what to do if it is not
     */
    record Words(String does, String why, String see, String otherwise) {}

    /** What there is; it is read once. */
    static Commands all() {
        return READ;
    }

    /** The words of an action. */
    Words words(Action action) {
        Words words = actions.get(key(action));
        if (words == null) {
            throw new IllegalStateException("commands.yaml has no words for " + key(action));
        }
        return words;
    }

    /** The commands by which a driver carries an action out; empty if it is done without any, or not by it. */
    Optional<String> of(Target target, Action action) {
        return of(target.driver().value(), target.settings(), key(action));
    }

    private Optional<String> of(String driver, Map<String, String> settings, String key) {
        JsonNode found = drivers.path(driver).path(key);
        if (found.isTextual()) {
            return Optional.of(found.asText());
        }
        for (JsonNode variant : found) {
            boolean holds = variant.path("if").properties().stream()
                    .allMatch(c -> c.getValue().asText().equals(settings.get(c.getKey())));
            if (holds) {
                return Optional.of(variant.path("commands").asText());
            }
        }
        return Optional.empty();
    }

    /** The drivers that it knows. */
    Set<String> drivers() {
        Set<String> names = new TreeSet<>();
        drivers.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The actions that a driver has commands for. */
    Set<String> actions(String driver) {
        Set<String> keys = new TreeSet<>();
        drivers.path(driver).fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** The actions that it has words for. */
    Set<String> words() {
        return new TreeSet<>(actions.keySet());
    }

    /** All commands of all drivers, as they are written. */
    List<String> templates() {
        return drivers.findValuesAsText("commands").isEmpty()
                ? texts(drivers)
                : java.util.stream.Stream.concat(texts(drivers).stream(), drivers.findValuesAsText("commands").stream())
                        .toList();
    }

    private static List<String> texts(JsonNode drivers) {
        return drivers.properties().stream()
                .flatMap(driver -> driver.getValue().properties().stream())
                .filter(action -> action.getValue().isTextual())
                .map(action -> action.getValue().asText())
                .toList();
    }

    /** An action's name in the resource; one that means several things says which. */
    static String key(Action action) {
        return switch (action) {
            case Action.CheckSchema a -> a.word() + "/" + moment(a.moment());
            case Action.BackupDatabase a -> a.word() + "/" + moment(a.moment());
            case Action.Prepare a -> a.word();
            case Action.Protect a -> a.word();
            case Action.Quiesce a -> a.word();
            case Action.Change a -> a.word();
            case Action.Prove a -> a.word();
            case Action.Reopen a -> a.word();
            case Action.Recover a -> a.word();
            case Action.Person a -> a.word();
        };
    }

    private static String moment(Action.Moment moment) {
        return switch (moment) {
            case BEFORE, AFTER -> Action.Moment.BEFORE.name().toLowerCase(Locale.ROOT);
            case FAILED -> Action.Moment.FAILED.name().toLowerCase(Locale.ROOT);
        };
    }

    private static Commands read() {
        try (InputStream resource = Commands.class.getResourceAsStream("commands.yaml")) {
            if (resource == null) {
                throw new IllegalStateException("commands.yaml is not there");
            }
            // Jackson's own reader takes the alias of a text for the name of its anchor.
            Map<String, Object> text = new Yaml(new SafeConstructor(new LoaderOptions())).load(resource);
            ObjectMapper json = new ObjectMapper();
            JsonNode tree = json.valueToTree(text);
            Map<String, Words> actions = new HashMap<>(
                    json.convertValue(tree.required("actions"), new TypeReference<Map<String, Words>>() {}));
            return new Commands(actions, tree.required("drivers"));
        } catch (IOException bug) {
            throw new UncheckedIOException(bug);
        }
    }
}
