package dev.upkeep.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of docs/reference/roles.md: which role may call which endpoints of a service. */
final class WhoMay {
    static final List<String> ROLES = List.of("viewer", "operator", "approver", "customer");
    private static final Pattern ROW = Pattern.compile(
            "\\| (\\w+) \\| `([A-Z, ]+) (/\\S+)` \\| (yes|no) \\| (yes|no) \\| (yes|no) \\| (own|no) \\|");

    private final List<Row> rows;

    private WhoMay(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    private record Row(Set<String> methods, String pattern, Map<String, Boolean> may) {
        boolean fits(String method, String path) {
            return methods.contains(method)
                    && (pattern.endsWith("**")
                            ? path.startsWith(pattern.substring(0, pattern.length() - 2))
                            : path.equals(pattern));
        }
    }

    /** What the page says of a service. */
    static WhoMay of(String service, Path page) {
        String text;
        try {
            text = Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Row> rows = new ArrayList<>();
        Matcher row = ROW.matcher(text);
        while (row.find()) {
            if (row.group(1).equals("all") || row.group(1).equals(service)) {
                Map<String, Boolean> may = new TreeMap<>();
                for (int i = 0; i < ROLES.size(); i++) {
                    may.put(ROLES.get(i), !row.group(4 + i).equals("no"));
                }
                rows.add(new Row(Set.copyOf(Arrays.asList(row.group(2).split(", "))), row.group(3), Map.copyOf(may)));
            }
        }
        return new WhoMay(rows);
    }

    /** Whether a role may, by the row with the longest pattern; empty if no row speaks of the endpoint. */
    Optional<Boolean> may(String role, String method, String path) {
        return rows.stream()
                .filter(row -> row.fits(method, path))
                .max(Comparator.comparingInt(row -> row.pattern().length()))
                .map(row -> row.may().get(role));
    }
}
