package dev.upkeep.planner.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When people are told of an upgrade: for the first time, and whenever what they were told no longer holds.
 *
 * <p>An earlier date or a greater impact is told anew and the notice runs from the beginning. A later date that a
 * customer asked for is told, and the notice runs on. Any other later date is not told: who was ready on the day is
 * ready after it. A way back from a recalled release is told once, and waits for no notice.
 */
public final class Announcing {
    private static final int LOOKS = 100;

    private Announcing() {}

    /** The first announcement; what the facts say of announcements is not looked at. */
    public static Announcement first(StartFacts facts, Instant now) {
        return Announcement.first(impact(facts), earliest(facts, now), now);
    }

    /** As if it were announced at an instant and reached everybody who must hear of it at once: what a forecast assumes. */
    public static Announced assumed(StartFacts facts, Instant at) {
        return new Announced(
                first(facts, at),
                facts.meaning().channels().stream()
                        .sorted()
                        .map(channel -> new Announced.Heard(channel, 1, Optional.of(at), Optional.empty()))
                        .toList());
    }

    /** The announcement that has become necessary, if one has. */
    public static Optional<Announcement> anew(StartFacts facts, Instant now) {
        // Where the tenant is there already, by another rollout, there is nothing to announce.
        if (facts.isRecall() || facts.to().compareTo(facts.tenant().version()) <= 0) {
            return Optional.empty();
        }
        Announcement told = facts.announced().latest();
        Announcement.Impact impact = impact(facts);
        Instant earliest = earliest(facts, now);
        if (impact.isGreaterThan(told) || earliest.isBefore(told.notBefore())) {
            return Optional.of(told.again(impact, earliest, now));
        }
        return NoticeRules.delayEnds(facts)
                .filter(end -> end.isAfter(told.notBefore()))
                .map(end -> told.later(workable(facts, end)));
    }

    private static Announcement.Impact impact(StartFacts facts) {
        return new Announcement.Impact(
                facts.bump(), facts.procedure().map(Product.Procedure::downtime).orElse(Duration.ZERO));
    }

    /** The earliest start if the notice ran from now on, as far as time alone decides. */
    static Instant earliest(StartFacts facts, Instant now) {
        if (facts.isRecall()) {
            return workable(facts, now);
        }
        Instant at = now.plus(facts.notice());
        at = NoticeRules.delayEnds(facts).filter(at::isBefore).orElse(at);
        at = NoticeRules.migrationPeriodEnds(facts).filter(at::isBefore).orElse(at);
        return workable(facts, at);
    }

    /** The first instant from another on that lies in a window and in no freeze. */
    private static Instant workable(StartFacts facts, Instant from) {
        List<Window> windows = facts.tenant().windows();
        Instant at = from;
        for (int i = 0; i < LOOKS; i++) {
            Instant thawed = WindowRules.thawed(facts.freezes(), at);
            Instant open = windows.isEmpty()
                    ? thawed
                    : facts.openings().after(windows, thawed, 1).stream()
                            .findFirst()
                            .filter(opening -> !opening.contains(thawed))
                            .map(Opening::from)
                            .orElse(thawed);
            if (open.equals(at)) {
                return at;
            }
            at = open;
        }
        return at;
    }
}
