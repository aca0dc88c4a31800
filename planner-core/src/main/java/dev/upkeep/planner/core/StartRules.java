package dev.upkeep.planner.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold before an upgrade may begin; all rules are asked, so that all blockers are known at once.
 *
 * <p>docs/reference/blockers.md says of each what it is for and who can lift it.
 */
public final class StartRules {
    private static final Map<String, Rule> NAMED = named();

    /** The rules' names, in the order in which they are asked; they never change. */
    public static final Set<String> NAMES = NAMED.keySet();

    static final List<Rule> ALL = List.copyOf(NAMED.values());

    /** What an upgrade that has begun need not ask again before its next hop: the place in its ring is its own. */
    private static final Set<String> OF_THE_FIRST_HOP =
            Set.of("ringIsOpen", "ringIsApproved", "budgetIsLeft", "slotIsFree", "noOtherUpgradeActive");

    /** What a rollout decides by itself as it goes, and what an upgrade that is under way decides by ending. */
    private static final Set<String> OF_THE_ROLLOUT = Set.of(
            "rolloutIsRunning", "ringIsOpen", "ringIsApproved", "budgetIsLeft", "slotIsFree", "noOtherUpgradeActive");

    /** What a way back from a recalled release does not wait for: staying on it is what must not wait. */
    private static final Set<String> OF_THE_WAY_UP = Set.of(
            "ringIsApproved",
            "contactIsReachable",
            "noticeHasRun",
            "delayIsOver",
            "migrationPeriodIsOver",
            "majorIsConsented",
            "notesAreAcknowledged",
            "guideIsRead",
            "requiredSettingsAreSet",
            "stagedFirst");

    /** Those that only a statement, a document or a delivery lifts, each of which wakes the upgrade. */
    private static final Set<String> WOKEN = Set.of(
            "ringIsApproved",
            "windowIsAgreed",
            "contactIsReachable",
            "noticeHasRun",
            "majorIsConsented",
            "versionIsRequested",
            "notesAreAcknowledged",
            "guideIsRead",
            "requiredSettingsAreSet",
            "thirdPartiesFit",
            "tagMayBeFollowed");

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LATEST = Duration.ofMinutes(10);

    private StartRules() {}

    /** One of them: a blocker, or nothing. */
    @FunctionalInterface
    interface Rule {
        Optional<Blocker> blocker(StartFacts facts, Instant now);
    }

    private static Map<String, Rule> named() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("rolloutIsRunning", RolloutRules::rolloutIsRunning);
        rules.put("ringIsOpen", RolloutRules::ringIsOpen);
        rules.put("ringIsApproved", RolloutRules::ringIsApproved);
        rules.put("budgetIsLeft", RolloutRules::budgetIsLeft);
        rules.put("slotIsFree", RolloutRules::slotIsFree);
        rules.put("releaseIsNotRecalled", RolloutRules::releaseIsNotRecalled);
        rules.put("pathExists", SiteRules::pathExists);
        rules.put("noOtherUpgradeActive", SiteRules::noOtherUpgradeActive);
        rules.put("peersAreAtRest", SiteRules::peersAreAtRest);
        rules.put("keyIsNotParked", SiteRules::keyIsNotParked);
        rules.put("noFreeze", WindowRules::noFreeze);
        rules.put("windowIsAgreed", WindowRules::windowIsAgreed);
        rules.put("insideWindow", WindowRules::insideWindow);
        rules.put("estimateFits", WindowRules::estimateFits);
        rules.put("contactIsReachable", NoticeRules::contactIsReachable);
        rules.put("noticeHasRun", NoticeRules::noticeHasRun);
        rules.put("delayIsOver", NoticeRules::delayIsOver);
        rules.put("migrationPeriodIsOver", NoticeRules::migrationPeriodIsOver);
        rules.put("majorIsConsented", ConsentRules::majorIsConsented);
        rules.put("versionIsRequested", ConsentRules::versionIsRequested);
        rules.put("notesAreAcknowledged", ConsentRules::notesAreAcknowledged);
        rules.put("guideIsRead", ConsentRules::guideIsRead);
        rules.put("requiredSettingsAreSet", SiteRules::requiredSettingsAreSet);
        rules.put("thirdPartiesFit", SiteRules::thirdPartiesFit);
        rules.put("tagMayBeFollowed", SiteRules::tagMayBeFollowed);
        rules.put("stagedFirst", SiteRules::stagedFirst);
        return Collections.unmodifiableMap(rules);
    }

    /** Every reason why not now; none means it may begin. */
    public static List<Blocker> blockers(StartFacts facts, Instant now) {
        return blockers(ALL, facts, now);
    }

    /** The reasons why not now that lie with the tenant: its rollout's own rules are left aside. */
    public static List<Blocker> blockersOfTheTenant(StartFacts facts, Instant now) {
        return blockers(facts, now).stream()
                .filter(b -> !OF_THE_ROLLOUT.contains(b.rule()))
                .toList();
    }

    static List<Blocker> blockers(List<Rule> rules, StartFacts facts, Instant now) {
        return rules.stream()
                .flatMap(r -> r.blocker(facts, now).stream())
                .filter(b -> !(facts.isRecall() && OF_THE_WAY_UP.contains(b.rule())))
                .toList();
    }

    /** Every reason why an upgrade that has begun may not go on with its next hop now. */
    public static List<Blocker> blockersOfNextHop(StartFacts facts, Instant now) {
        return blockersOfNextHop(ALL, facts, now);
    }

    static List<Blocker> blockersOfNextHop(List<Rule> rules, StartFacts facts, Instant now) {
        return blockers(rules, facts, now).stream()
                .filter(b -> !OF_THE_FIRST_HOP.contains(b.rule()))
                .toList();
    }

    /**
     * When to look again at what is blocked: when the last of the blockers may be gone, and no later than in ten minutes,
     * because windows, freezes and descriptors change.
     */
    public static Instant nextLook(List<Blocker> blockers, Instant now) {
        Instant latest = now.plus(LATEST);
        return blockers.stream()
                .map(b -> b.until().orElseGet(() -> now.plus(WOKEN.contains(b.rule()) ? LATEST : SOON)))
                .max(Comparator.naturalOrder())
                .filter(at -> at.isAfter(now) && at.isBefore(latest))
                .orElse(blockers.isEmpty() ? now.plus(SOON) : latest);
    }

    /** What nobody must do anything about before the start, but should know. */
    public static List<String> warnings(StartFacts facts) {
        return SettingChanges.of(
                        facts.product(), facts.tenant(), facts.stretch().releases())
                .notable();
    }

    static Optional<Blocker> blocked(String rule, String fact) {
        return Optional.of(new Blocker(rule, fact, Optional.empty()));
    }

    static Optional<Blocker> until(String rule, String fact, Instant until) {
        return Optional.of(new Blocker(rule, fact, Optional.of(until)));
    }
}
