package dev.upkeep.verifier.probe;

import dev.upkeep.contract.event.Watch.Selection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the Prometheus text exposition format (version 0.0.4; OpenMetrics' samples are a superset that it reads too).
 *
 * <p>Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
final class Samples {
    private Samples() {}

    /**
     * The values of the series that a selection matches, by series.
     *
     * @throws IllegalArgumentException naming the line, if a line is no sample
     */
    static Map<String, Double> select(String exposition, Selection selection) {
        Map<String, Double> values = new HashMap<>();
        int number = 0;
        for (String line : exposition.split("\n", -1)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#") || !text.startsWith(selection.metric())) {
                continue;
            }
            try {
                Sample sample = new Cursor(text).sample();
                if (sample.name().equals(selection.metric())
                        && sample.labels()
                                .entrySet()
                                .containsAll(selection.where().entrySet())) {
                    values.put(sample.labels().toString(), sample.value());
                }
            } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
                throw new IllegalArgumentException("line " + number + " is no sample: " + e.getMessage(), e);
            }
        }
        return values;
    }

    /** One line. */
    private record Sample(String name, TreeMap<String, String> labels, double value) {}

    /** Walks along one line. */
    private static final class Cursor {
        private final String text;
        private int at;

        Cursor(String text) {
            this.text = text;
        }

        Sample sample() {
            String name = word();
            TreeMap<String, String> labels = new TreeMap<>();
            if (peek() == '{') {
                at++;
                while (peek() != '}') {
                    blanks();
                    String label = word();
                    blanks();
                    expect('=');
                    blanks();
                    labels.put(label, quoted());
                    blanks();
                    if (peek() == ',') {
                        at++;
                        blanks();
                    }
                }
                at++;
            }
            blanks();
            String rest = text.substring(at);
            int end = rest.indexOf(' ');
            return new Sample(name, labels, value(end < 0 ? rest : rest.substring(0, end)));
        }

        private static double value(String text) {
            return switch (text) {
                case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
                case "-Inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        }

        private String word() {
            int from = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at)) || "_:.".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            if (from == at) {
                throw new IllegalArgumentException("a name is missing at column " + (at + 1));
            }
            return text.substring(from, at);
        }

        private String quoted() {
            expect('"');
            StringBuilder value = new StringBuilder();
            while (peek() != '"') {
                char c = text.charAt(at++);
                if (c == '\\') {
                    char escaped = text.charAt(at++);
                    value.append(escaped == 'n' ? '\n' : escaped);
                } else {
                    value.append(c);
                }
            }
            at++;
            return value.toString();
        }

        private char peek() {
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw new IllegalArgumentException("'" + c + "' is missing at column " + (at + 1));
            }
            at++;
        }

        private void blanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }
    }
}
