package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.StartRules.blocked;
import static dev.upkeep.planner.core.StartRules.until;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How long before the start somebody must know of it, and how long the customer wants to wait. */
final class NoticeRules {
    /** The rule that an approver may let go. */
    static final String CONTACT_IS_REACHABLE = "contactIsReachable";

    /** Longer than a courier tries: whoever was not told by then has no contact to be told by. */
    static final Duration PATIENCE = Duration.ofHours(8);

    private NoticeRules() {}

    /** A customer who can't be told must not be surprised; an approver may decide otherwise, on record. */
    static Optional<Blocker> contactIsReachable(StartFacts facts, Instant now) {
        return undelivered(facts).stream()
                .flatMap(channel -> unreachable(facts, channel, now).stream())
                .findFirst()
                .flatMap(why -> blocked(
                        CONTACT_IS_REACHABLE, "account " + facts.tenant().account() + " " + why));
    }

    /** The notice runs from when every mandatory channel has delivered it, and from the announcement where none is named. */
    static Optional<Blocker> noticeHasRun(StartFacts facts, Instant now) {
        Announcement latest = facts.announced().latest();
        for (String channel : undelivered(facts)) {
            // Whom nobody can reach is another rule's matter.
            if (unreachable(facts, channel, now).isEmpty()) {
                return blocked(
                        "noticeHasRun",
                        "revision " + latest.countsFrom() + " of the announcement has not been delivered by " + channel
                                + ", and the notice runs from there");
            }
        }
        Instant told = channels(facts).stream()
                .flatMap(channel -> facts.announced().deliveredBy(channel).stream())
                .filter(latest.countsAt()::isBefore)
                .max(Comparator.naturalOrder())
                .orElse(latest.countsAt());
        Instant over = told.plus(facts.notice());
        if (now.isBefore(over)) {
            return until("noticeHasRun", "told at " + told + ", to be told " + facts.notice() + " ahead", over);
        }
        return now.isBefore(latest.notBefore())
                ? until("noticeHasRun", "announced for " + latest.notBefore() + " at the earliest", latest.notBefore())
                : Optional.empty();
    }

    /** The mandatory channels that have delivered nothing, unless an approver let that go. */
    private static List<String> undelivered(StartFacts facts) {
        return facts.said().waivers().containsKey(CONTACT_IS_REACHABLE)
                ? List.of()
                : channels(facts).stream()
                        .filter(channel ->
                                facts.announced().deliveredBy(channel).isEmpty())
                        .toList();
    }

    private static Optional<String> unreachable(StartFacts facts, String channel, Instant now) {
        Instant since = facts.announced().latest().countsAt();
        return facts.announced()
                .failureOf(channel)
                .map(failure -> "could not be told by " + channel + ": " + failure)
                .or(() -> now.isBefore(since.plus(PATIENCE))
                        ? Optional.empty()
                        : Optional.of("has no contact by " + channel + ": nothing was delivered since " + since));
    }

    /** A customer may postpone, and no longer than the product allows; security may go against it by several approvals. */
    static Optional<Blocker> delayIsOver(StartFacts facts, Instant now) {
        return delayEnds(facts)
                .filter(now::isBefore)
                .flatMap(end -> until(
                        "delayIsOver",
                        "postponed by "
                                + facts.said().delay().map(Said.Delay::by).orElse("the customer")
                                + (facts.isExpedited()
                                        ? "; a security release: "
                                                + facts.product()
                                                        .policies()
                                                        .expedited()
                                                        .approvals()
                                                + " approvals go against it, there are "
                                                + overrides(facts).size()
                                        : ""),
                        end));
    }

    /** When the customer's delay ends, as far as it may be and was not overruled. */
    static Optional<Instant> delayEnds(StartFacts facts) {
        if (facts.isExpedited()
                && overrides(facts).size()
                        >= facts.product().policies().expedited().approvals()) {
            return Optional.empty();
        }
        return facts.said()
                .delay()
                .map(d ->
                        earlier(d.until(), d.countedFrom().plus(facts.meaning().delay())));
    }

    private static List<String> overrides(StartFacts facts) {
        return facts.said().approversOf(Said.Approval.OVERRIDE_DELAY, facts.to());
    }

    /** Nobody has to take a line right after it came out, but may. */
    static Optional<Blocker> migrationPeriodIsOver(StartFacts facts, Instant now) {
        return migrationPeriodEnds(facts)
                .filter(now::isBefore)
                .flatMap(end -> until(
                        "migrationPeriodIsOver",
                        "its migration period of " + facts.meaning().migrationPeriod()
                                + " runs, and the customer has not consented",
                        end));
    }

    static Optional<Instant> migrationPeriodEnds(StartFacts facts) {
        Duration period = facts.meaning().migrationPeriod();
        return period.isZero() || facts.said().consentsTo(facts.to())
                ? Optional.empty()
                : facts.stretch().lineCameOut().map(at -> at.plus(period));
    }

    private static Set<String> channels(StartFacts facts) {
        return new TreeSet<>(facts.meaning().channels());
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
