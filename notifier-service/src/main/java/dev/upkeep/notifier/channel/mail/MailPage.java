package dev.upkeep.notifier.channel.mail;

import dev.upkeep.notifier.core.Message;
import dev.upkeep.notifier.core.Message.Tone;
import dev.upkeep.notifier.core.Notice;
import io.quarkus.qute.Engine;
import io.quarkus.qute.HtmlEscaper;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import io.quarkus.qute.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Gives a message the form of a mail: the same content as plain text and as HTML. */
final class MailPage {
    private static final String RULE = "-".repeat(72);

    private final Template html;

    MailPage() {
        Engine engine = Engine.builder()
                .addDefaults()
                .addValueResolver(new ReflectionValueResolver())
                .addResultMapper(new HtmlEscaper(List.of(Variant.TEXT_HTML)))
                .build();
        try (InputStream in = Objects.requireNonNull(MailPage.class.getResourceAsStream("notice.html"))) {
            html = engine.parse(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8), Variant.forContentType(Variant.TEXT_HTML));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For readers, and for those who read on a watch. */
    String text(Notice notice) {
        Message message = notice.message();
        StringBuilder text = new StringBuilder(message.what()).append("\n\n");
        int width = message.facts().stream()
                .mapToInt(fact -> fact.name().length())
                .max()
                .orElse(0);
        message.facts()
                .forEach(fact -> text.append(("%-" + (width + 1) + "s").formatted(fact.name() + ":"))
                        .append(' ')
                        .append(fact.value())
                        .append('\n'));
        if (!message.why().isEmpty()) {
            text.append("\nWhat was found\n");
            message.why()
                    .forEach(reason -> text.append("  * ")
                            .append(reason.name())
                            .append(": ")
                            .append(reason.found())
                            .append(" (expected ")
                            .append(reason.expected())
                            .append(")\n"));
        }
        if (!message.next().isEmpty()) {
            text.append("\nWhat you can do\n");
            message.next().forEach(advice -> {
                text.append("  * ").append(advice.text()).append('\n');
                if (!advice.command().isEmpty()) {
                    text.append("      ").append(advice.command()).append('\n');
                }
            });
        }
        return text.append('\n')
                .append(RULE)
                .append("\nUpkeep sends this because of subscription ")
                .append(notice.subscriber())
                .append(". Notice ")
                .append(notice.id())
                .append(".\n")
                .toString();
    }

    /** For everybody else. */
    String html(Notice notice) {
        return html.data("notice", notice)
                .data("message", notice.message())
                .data("colour", colour(notice.message().tone()))
                .data("label", label(notice.message().tone()))
                .render();
    }

    private static String colour(Tone tone) {
        return switch (tone) {
            case GOOD -> "#1a7f37";
            case PLAIN -> "#0969da";
            case BAD -> "#bc4c00";
            case URGENT -> "#cf222e";
        };
    }

    private static String label(Tone tone) {
        return switch (tone) {
            case GOOD -> "Done";
            case PLAIN -> "For your information";
            case BAD -> "Went wrong, and is taken care of";
            case URGENT -> "Action needed";
        };
    }
}
