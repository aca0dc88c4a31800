package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Collects all that is wrong with one document. */
final class Problems {
    private static final Pattern SECRET =
            Pattern.compile("(password|passwd|secret|token|api-?key|private-?key|credential)");
    private static final Pattern REFERENCE = Pattern.compile("(env|file|vault):.+");

    private final Set<Problem> found = new LinkedHashSet<>();

    Problems(List<Problem> first) {
        found.addAll(first);
    }

    void add(String pointer, String detail, String fix) {
        found.add(new Problem(pointer, detail, fix));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    void refuseAny() throws Refused {
        if (!found.isEmpty()) {
            List<Problem> sorted = new ArrayList<>(found);
            sorted.sort(Comparator.comparing(Problem::pointer));
            throw new Refused(sorted);
        }
    }

    /** What the supplier builds; if the core refuses it, that is a problem of the document too. */
    <T> T built(String pointer, Supplier<T> supplier) throws Refused {
        try {
            return supplier.get();
        } catch (IllegalArgumentException | DateTimeException refusal) {
            String message = refusal.getMessage();
            add(pointer, message == null ? "it can't be taken" : message, "correct the value");
            refuseAny();
            throw new AssertionError("refuseAny throws when there is a problem");
        }
    }

    /** A secret in clear would travel with every event. */
    void noSecretsInClear(String pointer, JsonNode settings) {
        settings.properties().forEach(setting -> {
            String value = setting.getValue().asText();
            if (SECRET.matcher(setting.getKey().toLowerCase(Locale.ROOT)).find()
                    && !REFERENCE.matcher(value).matches()) {
                add(
                        pointer + "/" + Kind.escaped(setting.getKey()),
                        "'" + setting.getKey() + "' looks like a secret in clear",
                        "put a reference in its place: env:NAME or file:/path");
            }
        });
    }
}
