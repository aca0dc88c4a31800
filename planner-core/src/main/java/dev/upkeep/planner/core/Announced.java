package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** An announcement and what was heard of its notices, by channel. */
public record Announced(Announcement latest, List<Heard> heard) {
    public Announced {
        Objects.requireNonNull(latest, "latest");
        heard = List.copyOf(heard);
    }

    /**
     * What was heard of one revision's notices on one channel.
     *
     * @param deliveredAt when the first of them reached a contact of the customer
     * @param failure why one did not, as it was last told
     */
    public record Heard(String channel, int revision, Optional<Instant> deliveredAt, Optional<String> failure) {
        public Heard {
            Objects.requireNonNull(channel, "channel");
            Objects.requireNonNull(deliveredAt, "deliveredAt");
            Objects.requireNonNull(failure, "failure");
        }
    }

    /** When a channel delivered the revision that counts, or a later one, for the first time. */
    Optional<Instant> deliveredBy(String channel) {
        return thatCount(channel).flatMap(h -> h.deliveredAt().stream()).min(Comparator.naturalOrder());
    }

    /** Why a channel could not deliver. */
    Optional<String> failureOf(String channel) {
        return thatCount(channel).flatMap(h -> h.failure().stream()).findFirst();
    }

    private java.util.stream.Stream<Heard> thatCount(String channel) {
        return heard.stream().filter(h -> h.channel().equals(channel) && h.revision() >= latest.countsFrom());
    }
}
