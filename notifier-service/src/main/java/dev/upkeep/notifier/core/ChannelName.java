package dev.upkeep.notifier.core;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The ways a notice can leave. */
public enum ChannelName {
    MAIL,
    SLACK;

    /** The name as it is written in subscriptions and events. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads what {@link #word} gave. */
    public static Optional<ChannelName> of(String word) {
        return Arrays.stream(values()).filter(name -> name.word().equals(word)).findFirst();
    }
}
