package dev.upkeep.notifier.channel.slack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.notifier.core.Message;
import dev.upkeep.notifier.core.Message.Tone;
import dev.upkeep.notifier.core.Notice;
import java.util.stream.Collectors;

/** Gives a message the form of Slack's blocks, within their limits (docs.slack.dev, Block Kit reference). */
final class SlackPage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEADER = 150;
    private static final int TEXT = 2_900;
    private static final int FIELD = 1_900;
    private static final int FIELDS = 10;

    private SlackPage() {}

    static byte[] of(Notice notice) {
        Message message = notice.message();
        ObjectNode page = JSON.createObjectNode();
        page.put("text", cut(emoji(message.tone()) + " " + escape(message.subject()), TEXT));
        ArrayNode blocks = page.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .set("text", text("plain_text", cut(emoji(message.tone()) + " " + message.subject(), HEADER)));
        section(blocks, escape(message.what()));
        ObjectNode facts = blocks.addObject().put("type", "section");
        ArrayNode fields = facts.putArray("fields");
        message.facts().stream()
                .limit(FIELDS)
                .forEach(fact -> fields.add(
                        text("mrkdwn", cut("*" + escape(fact.name()) + "*\n" + escape(fact.value()), FIELD))));
        if (!message.why().isEmpty()) {
            section(
                    blocks,
                    message.why().stream()
                            .map(r -> "• *" + escape(r.name()) + "*: " + escape(r.found()) + " (expected "
                                    + escape(r.expected()) + ")")
                            .collect(Collectors.joining("\n", "*What was found*\n", "")));
        }
        if (!message.next().isEmpty()) {
            section(
                    blocks,
                    message.next().stream()
                            .map(a -> "• " + escape(a.text())
                                    + (a.command().isEmpty() ? "" : "\n    `" + escape(a.command()) + "`"))
                            .collect(Collectors.joining("\n", "*What you can do*\n", "")));
        }
        blocks.addObject()
                .put("type", "context")
                .putArray("elements")
                .add(text(
                        "mrkdwn",
                        "Upkeep, subscription " + escape(notice.subscriber()) + ", notice `" + notice.id() + "`"));
        try {
            return JSON.writeValueAsBytes(page);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't write blocks", bug);
        }
    }

    private static void section(ArrayNode blocks, String markdown) {
        blocks.addObject().put("type", "section").set("text", text("mrkdwn", cut(markdown, TEXT)));
    }

    private static ObjectNode text(String type, String text) {
        return JSON.createObjectNode().put("type", type).put("text", text);
    }

    private static String emoji(Tone tone) {
        return switch (tone) {
            case GOOD -> "\u2705";
            case PLAIN -> "\u2139\uFE0F";
            case BAD -> "\u26A0\uFE0F";
            case URGENT -> "\uD83D\uDEA8";
        };
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    /** The three characters that Slack's markup gives a meaning: nothing an event says may become a link or a call. */
    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
