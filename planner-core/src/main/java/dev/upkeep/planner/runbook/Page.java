package dev.upkeep.planner.runbook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Markdown page in the making; what stands in texts never becomes markup. */
final class Page {
    private static final Pattern BACKTICKS = Pattern.compile("`+");

    private final StringBuilder text = new StringBuilder();

    void heading(int level, String heading, String anchor) {
        text.append("<a id=\"").append(anchor).append("\"></a>\n\n");
        text.append("#".repeat(level)).append(' ').append(heading).append("\n\n");
    }

    void paragraph(String markdown) {
        text.append(markdown).append("\n\n");
    }

    void list(List<String> items) {
        items.forEach(item -> text.append("- ").append(item).append('\n'));
        text.append('\n');
    }

    /** Commands to be copied; a fence that is longer than any within them can't be closed by them. */
    void commands(String commands) {
        int longest = 2;
        Matcher ticks = BACKTICKS.matcher(commands);
        while (ticks.find()) {
            longest = Math.max(longest, ticks.group().length());
        }
        String fence = "`".repeat(longest + 1);
        text.append(fence)
                .append("bash\n")
                .append(commands.strip())
                .append('\n')
                .append(fence)
                .append("\n\n");
    }

    void page(Page other) {
        text.append(other.text);
    }

    /** A text as it is, whatever it would mean to Markdown. */
    static String escaped(String text) {
        return text.replaceAll("\\s+", " ").strip().replaceAll("([\\\\`*_\\[\\]<>#|~])", "\\\\$1");
    }

    /** A span as people say it: {@code 1 h 20 min}. */
    static String span(Duration span) {
        List<String> parts = new ArrayList<>();
        if (span.toDays() > 0) {
            parts.add(span.toDays() + " d");
        }
        if (span.toHoursPart() > 0) {
            parts.add(span.toHoursPart() + " h");
        }
        if (span.toMinutesPart() > 0) {
            parts.add(span.toMinutesPart() + " min");
        }
        if (parts.isEmpty() || (span.toSecondsPart() > 0 && span.toMinutes() < 10)) {
            parts.add(span.toSecondsPart() + " s");
        }
        return String.join(" ", parts);
    }

    @Override
    public String toString() {
        return text.toString().stripTrailing() + "\n";
    }
}
