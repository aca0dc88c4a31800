package dev.upkeep.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The table of docs/reference/rest.md: how each change that a service offers is kept safe. */
record Safeguards(Map<String, Kind> byEndpoint) {
    private static final Pattern ROW =
            Pattern.compile("\\| (\\w+) \\| `([A-Z]+ /\\S+)` \\| `(key|match|again|gone)` \\|");

    enum Kind {
        KEY,
        MATCH,
        AGAIN,
        GONE
    }

    Safeguards {
        byEndpoint = Map.copyOf(byEndpoint);
    }

    /** What the page says of a service. */
    static Safeguards of(String service, Path page) {
        try {
            Map<String, Kind> rows = new TreeMap<>();
            ROW.matcher(Files.readString(page))
                    .results()
                    .filter(row -> row.group(1).equals("all") || row.group(1).equals(service))
                    .forEach(row ->
                            rows.put(row.group(2), Kind.valueOf(row.group(3).toUpperCase(Locale.ROOT))));
            return new Safeguards(rows);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    Optional<Kind> of(String endpoint) {
        return Optional.ofNullable(byEndpoint.get(endpoint));
    }
}
