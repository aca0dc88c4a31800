package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.Situation.V200;
import static dev.upkeep.planner.core.Situation.V300;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each start rule by example: when it blocks, what it says, and when it lets go. */
class StartRulesTest {
    private static final Instant NOW = Samples.START;
    private static final TenantId PEER = new TenantId("acme-db");
    private static final Policies.Expedited LANE =
            new Policies.Expedited(Set.of(Bump.MINOR), Duration.ZERO, Duration.ofHours(1), 2);

    private final Situation situation = new Situation();

    @Test
    void letsATenantStartThatNothingStandsInTheWayOf() {
        assertThat(situation.blockers()).isEmpty();
        assertThat(situation.facts().estimate()).isPresent();
    }

    @Test
    void asksEachRuleOnceAndByItsName() {
        assertThat(StartRules.NAMES).hasSize(StartRules.ALL.size()).doesNotHaveDuplicates();
    }

    // ---- the rollout

    @Test
    void startsNothingWhileTheRolloutDoesNotRun() {
        situation.rollout(r -> r.pause("ops", NOW).next());

        assertThat(situation.blockers()).singleElement().satisfies(by("rolloutIsRunning"));
    }

    @Test
    void waitsUntilTheRingBeforeHasSoaked() {
        situation.rings(List.of(ring("canary", false), ring("staging", false)));

        assertThat(situation.blockers()).singleElement().satisfies(by("ringIsOpen"));

        RingName canary = new RingName("canary");
        situation.rollout(r -> r.moved(
                        List.of(
                                new Rollout.Move(canary, State.Phase.WAITING, State.Phase.RUNNING),
                                new Rollout.Move(canary, State.Phase.RUNNING, State.Phase.CONFIRMED)),
                        NOW)
                .next());
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(by("ringIsOpen", NOW.plusSeconds(30).toString()));
    }

    @Test
    void waitsForAnApprovalByAnotherThanWhoStartedTheRollout() {
        situation.rings(List.of(ring("staging", true)));
        assertThat(situation.blockers()).singleElement().satisfies(by("ringIsApproved"));

        assertThat(situation.approved("ring:staging", "olga", "olga").blockers())
                .hasSize(1);
        assertThat(situation.approved("ring:canary", "olga", "ada").blockers()).hasSize(1);
        assertThat(situation.approved("ring:staging", "olga", "ada").blockers()).isEmpty();
    }

    @Test
    void stopsWhereTheFailureBudgetIsSpentOrNoSlotIsFree() {
        situation.rings(List.of(new Product.Ring(new RingName("staging"), Duration.ZERO, 1, 0)));
        RingProgress spent = new RingProgress(
                new Product.Ring(new RingName("staging"), Duration.ZERO, 1, 0),
                1,
                0,
                1,
                0,
                0,
                1,
                0,
                0,
                Optional.of(NOW),
                Optional.empty());
        situation.rollout(r -> new Rollout(
                r.id(), r.kind(), r.product(), r.version(), Rollout.Phase.RUNNING, false, "", List.of(spent), 1));

        assertThat(situation.blockers()).extracting(Blocker::rule).containsExactly("budgetIsLeft", "slotIsFree");
    }

    // ---- the tenant and what is around it

    @Test
    void namesWhyThereIsNoWay() {
        assertThat(situation.to(Version.of("0.9.0")).blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("has 1.0.0 already"));
    }

    @Test
    void neverStartsASecondUpgradeOnATenant() {
        assertThat(situation.otherActive("u-9").blockers()).singleElement().satisfies(by("noOtherUpgradeActive"));
    }

    @Test
    void waitsUntilWhatStandsForAPartOfItIsAtRest() {
        situation.site(
                Policies.Environment.PRODUCTION,
                Map.of(),
                Set.of(),
                Map.of(new ComponentName("control-plane"), PEER),
                "");
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("acme-db").contains("not registered"));

        situation.around(peer(Optional.of("upgrade u-7 has not ended")));
        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "peersAreAtRest",
                        "at tenant acme-db, its control-plane, upgrade u-7 has not ended",
                        Optional.empty()));

        assertThat(situation.around(peer(Optional.empty())).blockers()).isEmpty();
    }

    @Test
    void doesNotStartWhatItCouldNotHearAnswersFrom() {
        situation.around(
                new Surroundings(Optional.empty(), Optional.of("poison"), List.of(), List.of(), Map.of(), Map.of()));

        assertThat(situation.blockers()).singleElement().satisfies(by("keyIsNotParked"));
    }

    // ---- when

    @Test
    void staysOutOfFreezesAndNamesTheEndOfTheLastThatFollows() {
        situation.freeze("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        situation.around(new Surroundings(
                Optional.empty(),
                Optional.empty(),
                List.of(Situation.freezing("2026-03-02T12:00:00Z", "2026-03-05T00:00:00Z")),
                List.of(),
                Map.of(),
                Map.of()));

        assertThat(situation.blockers()).singleElement().satisfies(by("noFreeze", "2026-03-05T00:00:00Z"));
        assertThat(situation.blockers(Instant.parse("2026-03-05T00:00:00Z"))).isEmpty();
    }

    @Test
    void doesNotRunIntoAFreezeThatBeginsBeforeItWouldBeDone() {
        situation.freeze("2026-03-02T10:05:00Z", "2026-03-03T00:00:00Z");

        assertThat(situation.facts().estimate().orElseThrow().whole()).isGreaterThan(Duration.ofMinutes(5));
        assertThat(situation.blockers()).singleElement().satisfies(by("noFreeze", "2026-03-03T00:00:00Z"));
        assertThat(situation.blockers(NOW.minus(Duration.ofHours(1))))
                .extracting(Blocker::rule)
                .doesNotContain("noFreeze");
    }

    @Test
    void freezesOnlyTheBumpsThatAFreezeNames() {
        assertThat(situation
                        .freeze("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", Bump.MAJOR)
                        .blockers())
                .isEmpty();
        assertThat(situation
                        .freeze("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", Bump.MAJOR, Bump.MINOR)
                        .blockers())
                .hasSize(1);
    }

    @Test
    void waitsForTheNextWindow() {
        situation.window("FREQ=WEEKLY;BYDAY=SA", "2026-01-03T01:00", "PT4H", "Europe/Berlin");

        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "insideWindow",
                        "outside every maintenance window",
                        Optional.of(Instant.parse("2026-03-07T00:00:00Z"))));
        assertThat(situation.blockers(Instant.parse("2026-03-07T00:00:00Z"))).isEmpty();
        assertThat(situation.blockers(Instant.parse("2026-03-07T04:00:00Z")))
                .extracting(Blocker::rule)
                .containsExactly("insideWindow");
    }

    @Test
    void saysSoWhereNoWindowOpensAnyMore() {
        situation.window("FREQ=DAILY;UNTIL=20260201", "2026-01-03T01:00", "PT4H", "Z");

        assertThat(situation.blockers()).singleElement().satisfies(by("insideWindow"));
    }

    @Test
    void doesNotStartWhatCouldNotComeBackBeforeTheWindowCloses() {
        situation.window("FREQ=DAILY", "2026-01-03T09:30", "PT35M", "Z");
        Duration whole = situation.facts().estimate().orElseThrow().whole();

        assertThat(whole).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(35));
        assertThat(situation.blockers()).singleElement().satisfies(b -> {
            assertThat(b.rule()).isEqualTo("estimateFits");
            assertThat(b.fact()).contains("PT5M of this window is left");
            assertThat(b.until()).contains(Instant.parse("2026-03-03T09:30:00Z"));
        });
    }

    @Test
    void namesTheFirstWindowThatIsLongEnough() {
        situation
                .window("FREQ=DAILY", "2026-01-03T09:59", "PT2M", "Z")
                .window("FREQ=WEEKLY;BYDAY=SA", "2026-01-03T01:00", "PT4H", "Z");

        assertThat(situation.blockers()).singleElement().satisfies(by("estimateFits", "2026-03-07T01:00:00Z"));
    }

    @Test
    void saysSoWhereNoWindowIsEverLongEnough() {
        situation.window("FREQ=DAILY", "2026-01-03T09:59", "PT2M", "Z");

        assertThat(situation.blockers()).singleElement().satisfies(by("estimateFits"));
        assertThat(situation.blockers().getFirst().fact()).endsWith("no window to come is longer");
    }

    @Test
    void asksForAWindowWhereTheBumpOrAReleaseCrossedDoes() {
        situation.meaning(m -> m.window = Product.WindowNeed.ALWAYS);
        assertThat(situation.blockers()).singleElement().satisfies(by("windowIsAgreed"));

        situation.meaning(m -> m.window = Product.WindowNeed.IF_NOTED);
        assertThat(situation.blockers()).isEmpty();

        situation.to(Samples.V120).release(costly(Samples.V110, true));
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("1.1.0 asks for one"));

        situation.window("FREQ=DAILY", "2026-01-03T00:00", "PT23H", "Z");
        assertThat(situation.blockers()).isEmpty();
    }

    // ---- notice, delay

    @Test
    void countsTheNoticeFromTheAnnouncementWhereNoChannelIsNamed() {
        situation.meaning(m -> m.notice = Duration.ofDays(7));

        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "noticeHasRun",
                        "told at 2026-03-02T10:00:00Z, to be told PT168H ahead",
                        Optional.of(Instant.parse("2026-03-09T10:00:00Z"))));
        assertThat(situation.blockers(Instant.parse("2026-03-09T10:00:00Z"))).isEmpty();
    }

    @Test
    void countsTheNoticeFromWhenEveryMandatoryChannelDelivered() {
        situation.meaning(m -> {
            m.notice = Duration.ofDays(7);
            m.channels = Set.of("mail", "banner");
        });
        Announced.Heard mail = delivered("mail", 1, "2026-03-02T10:01:00Z");
        assertThat(situation.heard(mail).blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("by banner"));

        situation.heard(mail, delivered("banner", 1, "2026-03-02T11:00:00Z"));
        assertThat(situation.blockers()).singleElement().satisfies(by("noticeHasRun", "2026-03-09T11:00:00Z"));
    }

    @Test
    void countsNothingThatWasDeliveredBeforeTheRevisionThatCounts() {
        situation
                .meaning(m -> m.channels = Set.of("mail"))
                .told(new Announcement(3, 2, NOW, Bump.MINOR, Duration.ZERO, NOW))
                .heard(delivered("mail", 1, "2026-03-01T10:00:00Z"));
        assertThat(situation.blockers()).singleElement().satisfies(by("noticeHasRun"));

        // A later revision that restarted nothing counts as well.
        assertThat(situation.heard(delivered("mail", 3, "2026-03-02T10:00:00Z")).blockers())
                .isEmpty();
    }

    @Test
    void doesNotStartBeforeTheDateThatWasAnnounced() {
        situation.told(new Announcement(1, 1, NOW, Bump.MINOR, Duration.ZERO, NOW.plusSeconds(600)));

        assertThat(situation.blockers())
                .singleElement()
                .satisfies(by("noticeHasRun", NOW.plusSeconds(600).toString()));
    }

    @Test
    void stopsForACustomerWhomNobodyCanReachUnlessAnApproverLetsThatGo() {
        situation
                .meaning(m -> m.channels = Set.of("mail"))
                .heard(new Announced.Heard("mail", 1, Optional.empty(), Optional.of("no such mailbox")));
        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "contactIsReachable",
                        "account acme-inc could not be told by mail: no such mailbox",
                        Optional.empty()));

        assertThat(situation.waived("noticeHasRun").blockers()).hasSize(1);
        assertThat(situation.waived("contactIsReachable").blockers()).isEmpty();
    }

    @Test
    void takesLongSilenceForACustomerWithoutAContact() {
        situation.meaning(m -> m.channels = Set.of("banner"));

        assertThat(situation.blockers(NOW.plus(Duration.ofHours(7))))
                .extracting(Blocker::rule)
                .containsExactly("noticeHasRun");
        assertThat(situation.blockers(NOW.plus(Duration.ofHours(8))))
                .extracting(Blocker::rule)
                .containsExactly("contactIsReachable");
    }

    @Test
    void waitsAsLongAsTheCustomerWantsAndTheProductAllows() {
        situation.meaning(m -> m.delay = Duration.ofDays(30));
        assertThat(situation
                        .delay("2026-03-20T00:00:00Z", "2026-02-25T10:00:00Z")
                        .blockers())
                .singleElement()
                .satisfies(by("delayIsOver", "2026-03-20T00:00:00Z"));
        assertThat(situation
                        .delay("2026-12-24T00:00:00Z", "2026-02-25T10:00:00Z")
                        .blockers())
                .singleElement()
                .satisfies(by("delayIsOver", "2026-03-27T10:00:00Z"));

        situation.meaning(m -> m.delay = Duration.ZERO);
        assertThat(situation.blockers()).isEmpty();
    }

    @Test
    void letsASecurityReleaseGoAgainstADelayByTwoApprovalsOfOthersThanTheRequester() {
        situation
                .meaning(m -> {
                    m.delay = Duration.ofDays(30);
                    m.notice = Duration.ofDays(7);
                })
                .delay("2026-03-20T00:00:00Z", "2026-02-25T10:00:00Z")
                .policies(policies(List.of(), List.of(), Map.of(), LANE));
        String what = Said.Approval.OVERRIDE_DELAY;
        Instant noticed = NOW.plus(Duration.ofHours(1));

        // No security release: the lane is closed to it, whoever approves.
        assertThat(situation.approved(what, "olga", "ada", "bea").blockers(NOW.plus(Duration.ofDays(7))))
                .extracting(Blocker::rule)
                .containsExactly("delayIsOver");

        situation.release(fixing(Samples.V110, Optional.empty()));
        assertThat(situation.approved(what, "olga", "ada", "bea").blockers(noticed))
                .isEmpty();
        assertThat(situation.approved(what, "olga", "ada", "ada").blockers(noticed))
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("there are 1"));
        assertThat(situation.approved(what, "olga", "ada", "olga").blockers(noticed))
                .hasSize(1);
    }

    @Test
    void shortensTheNoticeOfASecurityRelease() {
        situation
                .meaning(m -> m.notice = Duration.ofDays(7))
                .policies(policies(List.of(), List.of(), Map.of(), LANE))
                .to(Samples.V120)
                .release(fixing(Samples.V110, Optional.empty()));

        assertThat(situation.blockers()).singleElement().satisfies(by("noticeHasRun", "2026-03-02T11:00:00Z"));
    }

    @Test
    void leavesALineAloneForItsMigrationPeriodUnlessTheCustomerWantsIt() {
        Version later = Version.of("2.1.0");
        situation
                .meaning(m -> m.migrationPeriod = Duration.ofDays(90))
                .to(later)
                .release(Samples.release(V200))
                .cameOut(V200, Instant.parse("2026-02-01T00:00:00Z"))
                .cameOut(later, Instant.parse("2026-03-01T00:00:00Z"));

        // Counted from 2.0.0, which began the line.
        assertThat(situation.blockers()).singleElement().satisfies(by("migrationPeriodIsOver", "2026-05-02T00:00:00Z"));
        assertThat(situation.consent("2").blockers()).isEmpty();
    }

    // ---- what somebody must have said

    @Test
    void takesAMajorOnlyByConsentToItsVersionOrLine() {
        situation.meaning(m -> m.consent = true).to(V200);
        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(
                        new Blocker("majorIsConsented", "the customer has not consented to 2.0.0", Optional.empty()));

        assertThat(situation.consent("2.0.0").blockers()).isEmpty();
        assertThat(situation.consent("2").blockers()).isEmpty();
        assertThat(situation.consent("2.0").blockers()).isEmpty();
        assertThat(situation.consent("2.0.1", "2.1", "3").blockers()).hasSize(1);
    }

    @Test
    void wantsConsentToEveryMajorThatIsCrossed() {
        situation
                .meaning(m -> m.consent = true)
                .to(V300)
                .release(Samples.release(V200))
                .consent("3");

        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).endsWith("consented to 2.0.0"));
        assertThat(situation.consent("3", "2").blockers()).isEmpty();
    }

    @Test
    void takesAConsentToALineForNoneToItsPreReleases() {
        Version candidate = Version.of("2.0.0-rc.1");
        situation.meaning(m -> m.consent = true).to(candidate).consent("2");

        assertThat(situation.blockers()).hasSize(1);
        assertThat(situation.consent("2", "2.0.0-rc.1").blockers()).isEmpty();
    }

    @Test
    void waitsUntilTheCustomerAsksWhereTheCustomerStartsIt() {
        situation.customerTriggers();
        assertThat(situation.blockers()).singleElement().satisfies(by("versionIsRequested"));
        assertThat(situation.requested(Samples.V120).blockers()).hasSize(1);
        assertThat(situation.requested(Samples.V110).blockers()).isEmpty();
    }

    @Test
    void wantsTheNotesReadOfEveryReleaseCrossedThatHoldsATriggerWord() {
        situation
                .meaning(m -> m.acknowledge = Product.Acknowledge.IF_TRIGGERED)
                .to(Samples.V120)
                .release(noted(Samples.V110, Set.of("rename", "policy"), Optional.empty()))
                .release(noted(Samples.V120, Set.of(), Optional.empty()));

        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "notesAreAcknowledged",
                        "nobody has acknowledged the notes of 1.1.0 (policy, rename)",
                        Optional.empty()));
        assertThat(situation.read(Set.of(Samples.V120), Set.of()).blockers()).hasSize(1);
        assertThat(situation.read(Set.of(Samples.V110), Set.of()).blockers()).isEmpty();
    }

    @Test
    void wantsAllNotesAndGuidesReadWhereTheBumpSaysSo() {
        situation
                .meaning(m -> m.acknowledge = Product.Acknowledge.GUIDE)
                .release(noted(Samples.V110, Set.of(), Optional.of("https://docs/guide")));

        assertThat(situation.blockers())
                .extracting(Blocker::rule)
                .containsExactly("notesAreAcknowledged", "guideIsRead");
        assertThat(situation.read(Set.of(Samples.V110), Set.of()).blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("https://docs/guide"));
        assertThat(situation.read(Set.of(Samples.V110), Set.of(Samples.V110)).blockers())
                .isEmpty();
    }

    // ---- what the tenant must be like

    @Test
    void stopsForARequiredSettingAndOnlyReportsAStaleOne() {
        situation.release(settings(
                Samples.V110,
                change("MODE", Fate.REQUIRED, "", ""),
                change("LEVEL", Fate.REQUIRED, "", "info"),
                change("OLD", Fate.REMOVED, "", ""),
                change("COLOUR", Fate.DEFAULT_CHANGED, "", "blue")));
        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "requiredSettingsAreSet", "not set: MODE (required since 1.1.0)", Optional.empty()));

        variables("MODE", "OLD");
        assertThat(situation.blockers()).isEmpty();
        assertThat(StartRules.warnings(situation.facts()))
                .containsExactly(
                        "OLD is set, and is not read any more since 1.1.0",
                        "COLOUR is not set, and its default is blue since 1.1.0");
    }

    @Test
    void followsASettingThroughTheReleasesThatAskForItAndRenameIt() {
        situation
                .to(Samples.V120)
                .release(settings(Samples.V110, change("MODE", Fate.REQUIRED, "", "")))
                .release(settings(Samples.V120, change("MODE", Fate.RENAMED, "APP_MODE", "")));
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).isEqualTo("not set: APP_MODE (the name of MODE since 1.2.0)"));

        variables("MODE");
        assertThat(situation.blockers()).hasSize(1);
        variables("APP_MODE");
        assertThat(situation.blockers()).isEmpty();

        situation.release(settings(Samples.V120, change("MODE", Fate.REMOVED, "", "")));
        variables();
        assertThat(situation.blockers()).isEmpty();
    }

    @Test
    void runsOnlyOnThirdPartiesThatTheMatrixAndTheReleasesVouchFor() {
        situation.policies(policies(
                List.of(new Policies.Row(Range.of("1.x"), Map.of("postgresql", Range.of(">=15")))),
                List.of(),
                Map.of(),
                Policies.NONE.expedited()));
        assertThat(situation.blockers())
                .singleElement()
                .isEqualTo(new Blocker(
                        "thirdPartiesFit", "the version of postgresql is not known, >=15 is needed", Optional.empty()));

        thirdParty("postgresql", "14.9");
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).isEqualTo("postgresql is 14.9, >=15 is needed"));
        thirdParty("postgresql", "16.2");
        assertThat(situation.blockers()).isEmpty();

        // A release on the way asks for more, and those after it do not take that back.
        situation.to(Samples.V120).release(needing(Samples.V110, "postgresql", ">=17"));
        assertThat(situation.blockers()).hasSize(1);
        thirdParty("postgresql", "17.1");
        assertThat(situation.blockers()).isEmpty();

        situation.to(V200);
        assertThat(situation.blockers())
                .singleElement()
                .satisfies(b -> assertThat(b.fact()).contains("does not cover 2.0.0"));
    }

    @Test
    void letsNoTenantFollowATagThatItsEnvironmentMayNot() {
        situation.policies(policies(
                List.of(),
                List.of(),
                Map.of(
                        Policies.Tag.SNAPSHOT, Set.of(Policies.Environment.CI),
                        Policies.Tag.MINOR, Set.of(Policies.Environment.STAGING)),
                Policies.NONE.expedited()));

        assertThat(following(Policies.Environment.PRODUCTION, "")).isEmpty();
        assertThat(following(Policies.Environment.CI, "snapshot")).isEmpty();
        assertThat(following(Policies.Environment.STAGING, "1.1")).isEmpty();
        assertThat(following(Policies.Environment.STAGING, "1.0")).containsExactly("tagMayBeFollowed");
        assertThat(following(Policies.Environment.PRODUCTION, "1.1")).containsExactly("tagMayBeFollowed");
        assertThat(following(Policies.Environment.STAGING, "snapshot")).containsExactly("tagMayBeFollowed");
        assertThat(following(Policies.Environment.STAGING, "1")).containsExactly("tagMayBeFollowed");
        assertThat(following(Policies.Environment.CI, "latest")).containsExactly("tagMayBeFollowed");
    }

    @Test
    void letsProductionGoOnlyAfterAStageHasRunTheVersionForADay() {
        Policies.StageFirst rule =
                new Policies.StageFirst(Set.of(Policies.Environment.STAGING), Duration.ofDays(1), false, Range.of("x"));
        situation.policies(policies(List.of(), List.of(rule), Map.of(), Policies.NONE.expedited()));
        assertThat(situation.blockers()).as("without a stage").isEmpty();

        staged(Optional.empty(), Duration.ofHours(23));
        assertThat(situation.blockers()).singleElement().satisfies(by("stagedFirst"));
        staged(Optional.of(NOW.minus(Duration.ofHours(20))), Duration.ZERO);
        assertThat(situation.blockers()).singleElement().satisfies(by("stagedFirst", "2026-03-02T14:00:00Z"));
        assertThat(situation.blockers(Instant.parse("2026-03-02T14:00:00Z"))).isEmpty();
        staged(Optional.empty(), Duration.ofHours(24));
        assertThat(situation.blockers()).isEmpty();
    }

    @Test
    void stopsWithoutAnyStageWhereThereMustBeOne() {
        Policies.StageFirst rule = new Policies.StageFirst(
                Set.of(Policies.Environment.STAGING), Duration.ofDays(1), true, Range.of("1.x"));
        situation.policies(policies(List.of(), List.of(rule), Map.of(), Policies.NONE.expedited()));
        assertThat(situation.blockers()).singleElement().satisfies(by("stagedFirst"));

        // The stage itself has nothing before it.
        situation.site(Policies.Environment.STAGING, Map.of(), Set.of(), Map.of(), "");
        assertThat(situation.blockers()).isEmpty();

        situation
                .site(Policies.Environment.PRODUCTION, Map.of(), Set.of(), Map.of(), "")
                .to(V200);
        assertThat(situation.blockers())
                .as("a version that the rule is not for")
                .isEmpty();
    }

    // ---- making things

    /** The rule and the time, whatever the fact. */
    private static Consumer<Blocker> by(String rule) {
        return b -> {
            assertThat(b.rule()).isEqualTo(rule);
            assertThat(b.until()).isEmpty();
        };
    }

    private static Consumer<Blocker> by(String rule, String until) {
        return b -> {
            assertThat(b.rule()).isEqualTo(rule);
            assertThat(b.until()).contains(Instant.parse(until));
        };
    }

    private void variables(String... names) {
        situation.site(Policies.Environment.PRODUCTION, Map.of(), Set.of(names), Map.of(), "");
    }

    private void thirdParty(String name, String version) {
        situation.site(Policies.Environment.PRODUCTION, Map.of(name, version), Set.of(), Map.of(), "");
    }

    private List<String> following(Policies.Environment environment, String tag) {
        situation.site(environment, Map.of(), Set.of(), Map.of(), tag);
        return situation.blockers().stream().map(Blocker::rule).toList();
    }

    private void staged(Optional<Instant> since, Duration ranFor) {
        situation.around(new Surroundings(
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(
                        new Surroundings.Sibling(
                                new TenantId("acme-staging"), Policies.Environment.STAGING, since, ranFor),
                        new Surroundings.Sibling(
                                new TenantId("acme-ci"),
                                Policies.Environment.CI,
                                Optional.of(Instant.EPOCH),
                                Duration.ZERO)),
                Map.of(),
                Map.of()));
    }

    private static Surroundings peer(Optional<String> busy) {
        return new Surroundings(
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of(PEER, new Surroundings.Peer(Samples.V100, busy)),
                Map.of());
    }

    private static Announced.Heard delivered(String channel, int revision, String at) {
        return new Announced.Heard(channel, revision, Optional.of(Instant.parse(at)), Optional.empty());
    }

    private static Product.Ring ring(String name, boolean approval) {
        return new Product.Ring(new RingName(name), Duration.ofSeconds(30), 1, 0, approval);
    }

    private static Policies policies(
            List<Policies.Row> matrix,
            List<Policies.StageFirst> stageFirst,
            Map<Policies.Tag, Set<Policies.Environment>> floating,
            Policies.Expedited lane) {
        Policies none = Policies.NONE;
        return new Policies(
                new Policies.Versioning(
                        false, Optional.empty(), Policies.Stops.NONE, List.of(), Policies.Pin.TAG, floating),
                none.breaking(),
                none.notes(),
                none.deprecation(),
                none.support(),
                none.cadence(),
                none.skews(),
                none.acrossMajors(),
                matrix,
                stageFirst,
                lane);
    }

    private static Release.SettingChange change(String name, Fate fate, String to, String value) {
        return new Release.SettingChange(name, Samples.APP, fate, to, value);
    }

    private static Release settings(Version version, Release.SettingChange... changes) {
        return release(
                version, List.of(changes), List.of(), Map.of(), false, Optional.empty(), Release.Notes.NONE, Map.of());
    }

    private static Release needing(Version version, String name, String range) {
        return release(
                version,
                List.of(),
                List.of(),
                Map.of(name, Range.of(range)),
                false,
                Optional.empty(),
                Release.Notes.NONE,
                Map.of());
    }

    static Release fixing(Version version, Optional<Instant> disclosedAt) {
        return release(
                version,
                List.of(),
                List.of(new Release.Advisory("SA-1", "high", disclosedAt)),
                Map.of(),
                false,
                Optional.empty(),
                Release.Notes.NONE,
                Map.of());
    }

    private static Release noted(Version version, Set<String> triggers, Optional<String> guide) {
        return release(
                version,
                List.of(),
                List.of(),
                Map.of(),
                false,
                guide,
                new Release.Notes(Map.of(Release.Section.CHANGED, List.of("something")), triggers),
                Map.of());
    }

    private static Release costly(Version version, boolean needsWindow) {
        return release(
                version,
                List.of(),
                List.of(),
                Map.of(),
                false,
                Optional.empty(),
                Release.Notes.NONE,
                Map.of("7", new Release.Cost(Duration.ofSeconds(1), Optional.empty(), Duration.ZERO, needsWindow)));
    }

    private static Release release(
            Version version,
            List<Release.SettingChange> settings,
            List<Release.Advisory> advisories,
            Map<String, Range> thirdParty,
            boolean needsWindow,
            Optional<String> guide,
            Release.Notes notes,
            Map<String, Release.Cost> costs) {
        Release plain = Samples.release(
                version,
                costs.keySet().stream().map(id -> new Migration(id, true, true)).toArray(Migration[]::new));
        return new Release(
                plain.product(),
                plain.version(),
                plain.artifacts(),
                plain.stamps(),
                plain.migrations(),
                costs,
                settings,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                advisories,
                thirdParty,
                Set.of(),
                needsWindow,
                guide,
                notes);
    }
}
