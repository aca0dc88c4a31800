package dev.upkeep.planner.core;

import dev.upkeep.contract.event.Envelope;
import java.util.List;
import java.util.Objects;

/** What follows from a piece of news: the next state, what is said to other services, what is written down. */
public record Decision(Upgrade next, List<Envelope> says, List<Entry> log) {
    public Decision {
        Objects.requireNonNull(next, "next");
        says = List.copyOf(says);
        log = List.copyOf(log);
    }
}
