package dev.upkeep.notifier.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.RecallFinished;
import dev.upkeep.contract.event.LifecycleEvent.RecallStarted;
import dev.upkeep.contract.event.LifecycleEvent.RecallStopped;
import dev.upkeep.contract.event.LifecycleEvent.RingOpened;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStopped;
import dev.upkeep.contract.event.LifecycleEvent.Schedule;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.event.Verdict.Finding;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.notifier.core.Message.Tone;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WordingTest {
    private static final Instant NIGHT = Instant.parse("2026-03-01T03:04:05Z");
    private static final Subject ACME = new Subject(
            new TenantId("acme"),
            new AccountId("acme-inc"),
            new ProductName("inkwell"),
            Version.of("1.1.0"),
            Version.of("1.2.0"),
            new UpgradeId("u-7"),
            new RolloutId("r-2"));

    @Test
    void saysWhatWasFoundAndWhereTheGapReportIsWhenATenantWasRolledBack() {
        // Given
        var event = new UpgradeRolledBack(
                ACME,
                "the new version failed its verification.",
                List.of(new Finding("error-ratio", "at most 2 %", "19.8 % (412 of 2080 requests)")),
                Map.of(Fact.GAP_REPORT, "/reports/u-7.json", Fact.GAP_WRITES, "37"));

        // When
        Message message = Wording.of(event, NIGHT);

        // Then
        assertThat(message.tone()).isEqualTo(Tone.BAD);
        assertThat(message.subject()).isEqualTo("acme is back on inkwell 1.1.0: 1.2.0 was rolled back");
        assertThat(message.what()).contains("the new version failed its verification. 1.1.0 serves again.");
        assertThat(message.facts())
                .contains(
                        new Message.Fact("Gap report", "/reports/u-7.json"),
                        new Message.Fact("Writes in it", "37"),
                        new Message.Fact("When", "2026-03-01 03:04:05 UTC"));
        assertThat(message.why())
                .containsExactly(new Message.Reason("error-ratio", "at most 2 %", "19.8 % (412 of 2080 requests)"));
        assertThat(message.next().getFirst().text()).contains("37 writes are not in the database");
    }

    @Test
    void saysWhenAPlannedUpgradeMayStartHowLongNobodyIsServedAndThatItReplacesWhatWasSaid() {
        // Given
        Schedule schedule = new Schedule(2, NIGHT, Bump.MINOR, Duration.ofMinutes(5));

        // When
        Message message =
                Wording.of(new UpgradePlanned(ACME, List.of("added: pins"), Optional.of(schedule)), Instant.EPOCH);

        // Then
        assertThat(message.what()).endsWith("This replaces what you were told of it before.");
        assertThat(message.facts())
                .contains(
                        new Message.Fact("Not before", "2026-03-01 03:04:05 UTC"),
                        new Message.Fact("Not served for", "at most 5 minutes"),
                        new Message.Fact("Note", "added: pins"));
        assertThat(Wording.of(new UpgradePlanned(ACME, List.of()), NIGHT).what())
                .doesNotContain("replaces");
    }

    @Test
    void saysThatWorkGoesBeyondItsWindowAndWhy() {
        Message message = Wording.of(
                new UpgradeOverrunning(ACME, NIGHT, "it goes back to 1.1.0", NIGHT.plusSeconds(1200)), NIGHT);

        assertThat(message.tone()).isEqualTo(Tone.BAD);
        assertThat(message.what()).contains("it goes back to 1.1.0").contains("neither version");
        assertThat(message.facts()).contains(new Message.Fact("Done at about", "2026-03-01 03:24:05 UTC"));
    }

    @Test
    void takesTheSubscriberOfAnAccountOrItsTenantForThatCustomersContactAndNobodyElse() {
        Envelope planned =
                new Envelope(new EventId("u-7:planned"), "planner", NIGHT, new UpgradePlanned(ACME, List.of()));

        assertThat(contactOf(planned, null, null)).isEmpty();
        assertThat(contactOf(planned, ACME.tenant(), null)).contains(ACME.account());
        assertThat(contactOf(planned, null, ACME.account())).contains(ACME.account());
    }

    private static Optional<AccountId> contactOf(
            Envelope event, @Nullable TenantId tenant, @Nullable AccountId account) {
        Subscription subscription =
                new Subscription("s", ChannelName.MAIL, "ops@example.com", null, tenant, account, Set.of());
        return Notice.of(event, List.of(subscription)).getFirst().contactOf();
    }

    @Test
    void namesTheVersionThatRunsWhenAHopIsConfirmedAndWhenAnUpgradeIsGivenUp() {
        Message hop = Wording.of(
                new HopConfirmed(
                        ACME,
                        Version.of("1.1.9"),
                        List.of(new Finding("error-ratio", "at most 2 %", "0.1 % (2 of 2080 requests)"))),
                NIGHT);
        Message aborted = Wording.of(new UpgradeAborted(ACME, "aborted by ada: the wrong customer"), NIGHT);

        assertThat(hop.tone()).isEqualTo(Tone.GOOD);
        assertThat(hop.subject()).isEqualTo("acme runs inkwell 1.1.9, on its way to 1.2.0");
        assertThat(hop.why()).hasSize(1);
        assertThat(aborted.subject()).isEqualTo("acme stays on inkwell 1.1.0: the upgrade to 1.2.0 was given up");
        assertThat(aborted.what()).contains("aborted by ada: the wrong customer. 1.1.0 runs");
    }

    @Test
    void tellsARecallFromARolloutFromItsStartToItsEnd() {
        RolloutId rollout = new RolloutId("r-3");
        ProductName product = new ProductName("inkwell");
        Version version = Version.of("1.2.0");

        Message started = Wording.of(
                new RecallStarted(rollout, product, version, 3, "release 1.2.0 was recalled by ada: it loses notes"),
                NIGHT);
        Message stopped = Wording.of(new RecallStopped(rollout, product, version, "ring staging failed"), NIGHT);
        Message finished = Wording.of(new RecallFinished(rollout, product, version, 2, 1), NIGHT);

        assertThat(started.subject()).isEqualTo("inkwell 1.2.0 is taken back from 3 tenants");
        assertThat(started.what()).contains("recalled by ada: it loses notes");
        assertThat(stopped.tone()).isEqualTo(Tone.URGENT);
        assertThat(stopped.next()).extracting(Message.Advice::command).contains("upkeep rollout resume r-3");
        assertThat(finished.tone()).isEqualTo(Tone.BAD);
        assertThat(finished.subject()).isEqualTo("inkwell 1.2.0 was taken back: 2 went back, 1 could not");
    }

    @Test
    void listsEveryWayOutWithItsCommandWhenATenantIsHeld() {
        // Given
        var event = new UpgradeHeld(
                ACME,
                "nobody can tell whether the migration ran",
                List.of("retry: runs the step again", "undo: goes back to 1.1.0"));

        // When
        Message message = Wording.of(event, NIGHT);

        // Then
        assertThat(message.tone()).isEqualTo(Tone.URGENT);
        assertThat(message.subject()).startsWith("ACTION NEEDED: acme is held").contains("nobody can tell");
        assertThat(message.next())
                .extracting(Message.Advice::command)
                .containsExactly(
                        "upkeep hold resolve u-7 --way retry --by \"$USER\"",
                        "upkeep hold resolve u-7 --way undo --by \"$USER\"",
                        "upkeep upgrade show u-7");
    }

    @Test
    void keepsAReasonFromBreakingOutOfTheSubject() {
        // Given
        var event = new RolloutStopped(
                new RolloutId("r-2"),
                new ProductName("inkwell"),
                Version.of("1.2.0"),
                "bad\r\nBcc: everybody@example.com\n" + "x".repeat(500));

        // When
        String subject = Wording.of(event, NIGHT).subject();

        // Then
        assertThat(subject).doesNotContain("\r", "\n").hasSizeLessThan(200);
    }

    @Test
    void tellsOnlyThoseWhoWantThisEventOfThisTenant() {
        // Given
        List<Subscription> subscriptions = List.of(
                subscription("all", null, null, Set.of()),
                subscription("other-tenant", null, "globex", Set.of()),
                subscription("this-tenant", null, "acme", Set.of()),
                subscription("other-product", "quill", null, Set.of()),
                subscription("only-held", null, null, Set.of("upgrade-held")));
        Envelope started = envelope("e-1", new UpgradeStarted(ACME));
        Envelope ring = envelope(
                "e-2",
                new RingOpened(
                        new RolloutId("r-2"), new ProductName("inkwell"), Version.of("1.2.0"), new RingName("canary")));

        // When
        List<Notice> ofUpgrade = Notice.of(started, subscriptions);
        List<Notice> ofRollout = Notice.of(ring, subscriptions);

        // Then
        assertThat(ofUpgrade).extracting(Notice::subscriber).containsExactly("all", "this-tenant");
        assertThat(ofRollout).extracting(Notice::subscriber).containsExactly("all");
        assertThat(ofUpgrade).extracting(Notice::id).doesNotHaveDuplicates();
        assertThat(Notice.of(started, subscriptions)).isEqualTo(ofUpgrade);
    }

    @Test
    void triesAgainWithGrowingPausesUntilItGivesUp() {
        // Given
        var busy = new Outcome.Unavailable("busy", Duration.ZERO);

        // When, Then
        assertThat(Course.after(busy, 1)).isEqualTo(new Course.Again(Duration.ofSeconds(2), "busy"));
        assertThat(Course.after(busy, 8)).isEqualTo(new Course.Again(Duration.ofHours(4), "busy"));
        assertThat(Course.after(busy, 9)).isEqualTo(new Course.Failed("gave up after 9 tries: busy"));
        assertThat(Course.after(new Outcome.Unavailable("busy", Duration.ofSeconds(45)), 1))
                .isEqualTo(new Course.Again(Duration.ofSeconds(45), "busy"));
        assertThat(Course.after(new Outcome.Unavailable("busy", Duration.ofDays(9)), 1))
                .isEqualTo(new Course.Again(Course.LONGEST_PAUSE, "busy"));
        assertThat(Course.after(new Outcome.Refused("no such mailbox"), 1))
                .isEqualTo(new Course.Failed("no such mailbox"));
    }

    private static Subscription subscription(
            String id, @Nullable String product, @Nullable String tenant, Set<String> events) {
        return new Subscription(
                id,
                ChannelName.MAIL,
                "ops@example.com",
                product == null ? null : new ProductName(product),
                tenant == null ? null : new TenantId(tenant),
                null,
                events);
    }

    private static Envelope envelope(String id, LifecycleEvent event) {
        return new Envelope(new EventId(id), "planner", NIGHT, event);
    }
}
