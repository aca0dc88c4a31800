package dev.upkeep.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The mails and Slack messages that went out. */
record Told(List<String> mails, List<String> slack) {
    Told {
        mails = List.copyOf(mails);
        slack = List.copyOf(slack);
    }

    static Told of(Mailbox mailbox, SlackChannel channel) {
        return new Told(mailbox.mails().stream().map(Mailbox.Mail::subject).toList(), channel.texts());
    }

    /** Whether both channels told that this tenant went back. */
    boolean ofTheWayBack(String tenant) {
        return mailedOfTheWayBack(tenant) && postedOfTheWayBack(tenant);
    }

    boolean postedOfTheWayBack(String tenant) {
        return slack.stream().anyMatch(text -> isOfTheWayBack(text, tenant));
    }

    boolean mailedOfTheWayBack(String tenant) {
        return mails.stream().anyMatch(text -> isOfTheWayBack(text, tenant));
    }

    /** Each text once, with the channels that carried it. */
    void print(Terminal terminal, Path mail, Path posts) {
        Map<String, Integer> times = new LinkedHashMap<>();
        mails.forEach(text -> times.merge(text, 1, Integer::sum));
        Map<String, Integer> posted = new LinkedHashMap<>();
        slack.forEach(text -> posted.merge(withoutSign(text), 1, Integer::sum));
        posted.keySet().forEach(text -> times.putIfAbsent(text, 0));
        terminal.title("Told: " + mails.size() + " mails, kept in " + Terminal.path(mail) + ", and " + slack.size()
                + " Slack messages, kept in " + Terminal.path(posts));
        times.forEach((text, mailed) -> terminal.line(Terminal.cut(
                "  "
                        + terminal.dim("%-4s  %-5s  "
                                .formatted(mailed > 0 ? "mail" : "", posted.containsKey(text) ? "Slack" : ""))
                        + text,
                terminal.columns())));
    }

    private static boolean isOfTheWayBack(String text, String tenant) {
        return text.contains(tenant) && text.toLowerCase(Locale.ROOT).contains("rolled back");
    }

    private static String withoutSign(String text) {
        return text.replaceFirst("^[^A-Za-z0-9]+", "");
    }
}
