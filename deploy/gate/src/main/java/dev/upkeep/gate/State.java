package dev.upkeep.gate;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether requests pass. */
enum State {
    OPEN,
    PARKED;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<State> of(String word) {
        return Stream.of(values()).filter(state -> state.word().equals(word)).findFirst();
    }
}
