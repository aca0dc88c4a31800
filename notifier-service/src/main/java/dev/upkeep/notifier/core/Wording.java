package dev.upkeep.notifier.core;

import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.OfRollout;
import dev.upkeep.contract.event.LifecycleEvent.RecallFinished;
import dev.upkeep.contract.event.LifecycleEvent.RecallStarted;
import dev.upkeep.contract.event.LifecycleEvent.RecallStopped;
import dev.upkeep.contract.event.LifecycleEvent.RingOpened;
import dev.upkeep.contract.event.LifecycleEvent.RolloutFinished;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStarted;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStopped;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.notifier.core.Message.Advice;
import dev.upkeep.notifier.core.Message.Reason;
import dev.upkeep.notifier.core.Message.Tone;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says what happened in words for somebody who was asleep a minute ago. */
public final class Wording {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int LONGEST_REASON_IN_SUBJECT = 90;

    private Wording() {}

    /** The message that tells of an event. */
    public static Message of(LifecycleEvent event, Instant at) {
        return switch (event) {
            case UpgradePlanned e ->
                upgrade(
                        Tone.PLAIN,
                        e.subject(),
                        at,
                        "%s: the upgrade to %s is planned".formatted(e.subject().tenant(), target(e.subject())),
                        "%s will go from %s to %s. It starts when nothing stands in its way any more.%s"
                                .formatted(
                                        e.subject().tenant(),
                                        e.subject().from(),
                                        e.subject().to(),
                                        again(e)),
                        planned(e),
                        List.of(),
                        List.of(new Advice(
                                "See what it still waits for.",
                                "upkeep upgrade why " + e.subject().tenant())));
            case UpgradePostponed e ->
                upgrade(
                        Tone.PLAIN,
                        e.subject(),
                        at,
                        "%s: the upgrade to %s waits for the next window"
                                .formatted(e.subject().tenant(), target(e.subject())),
                        "The work on %s had begun and has changed nothing: %s. It begins again in a window that holds it."
                                .formatted(e.subject().tenant(), sentence(e.reason())),
                        e.notBefore().stream()
                                .map(time -> new Message.Fact("Not before", TIME.format(time)))
                                .toList(),
                        List.of(),
                        List.of());
            case UpgradeOverrunning e ->
                upgrade(
                        Tone.BAD,
                        e.subject(),
                        at,
                        "%s: the work on it goes beyond its window"
                                .formatted(e.subject().tenant()),
                        "The window of %s closes while it is at work: %s. It goes on, because stopping half-way would leave neither version."
                                .formatted(e.subject().tenant(), sentence(e.reason())),
                        List.of(
                                new Message.Fact("Window closes", TIME.format(e.closes())),
                                new Message.Fact("Done at about", TIME.format(e.until()))),
                        List.of(),
                        List.of());
            case UpgradeStarted e ->
                upgrade(
                        Tone.PLAIN,
                        e.subject(),
                        at,
                        "%s: the upgrade to %s has started"
                                .formatted(e.subject().tenant(), target(e.subject())),
                        "The work on %s has begun. You will be told how it ends."
                                .formatted(e.subject().tenant()),
                        List.of(),
                        List.of(),
                        List.of());
            case UpgradeConfirmed e ->
                upgrade(
                        Tone.GOOD,
                        e.subject(),
                        at,
                        "%s runs %s".formatted(e.subject().tenant(), target(e.subject())),
                        "The upgrade from %s is done and was confirmed by what was measured. There is nothing to do."
                                .formatted(e.subject().from()),
                        List.of(),
                        reasons(e.evidence()),
                        List.of());
            case HopConfirmed e ->
                upgrade(
                        Tone.GOOD,
                        e.subject(),
                        at,
                        "%s runs %s %s, on its way to %s"
                                .formatted(
                                        e.subject().tenant(),
                                        e.subject().product(),
                                        e.reached(),
                                        e.subject().to()),
                        "This part of the way is done and was confirmed by what was measured. The next part begins when nothing stands in its way.",
                        List.of(),
                        reasons(e.evidence()),
                        List.of(new Advice(
                                "See what it still waits for.",
                                "upkeep upgrade why " + e.subject().tenant())));
            case UpgradeAborted e ->
                upgrade(
                        Tone.PLAIN,
                        e.subject(),
                        at,
                        "%s stays on %s: the upgrade to %s was given up"
                                .formatted(
                                        e.subject().tenant(),
                                        source(e.subject()),
                                        e.subject().to()),
                        "The upgrade to %s was given up: %s. %s runs, and nothing more happens."
                                .formatted(
                                        e.subject().to(),
                                        sentence(e.reason()),
                                        e.subject().from()),
                        List.of(),
                        List.of(),
                        List.of());
            case UpgradeUndoing e ->
                upgrade(
                        Tone.BAD,
                        e.subject(),
                        at,
                        "%s goes back to %s: %s"
                                .formatted(e.subject().tenant(), source(e.subject()), brief(e.reason())),
                        "The upgrade to %s failed and is being undone: %s. You will be told when %s serves again."
                                .formatted(
                                        e.subject().to(),
                                        sentence(e.reason()),
                                        e.subject().from()),
                        List.of(),
                        reasons(e.because()),
                        List.of());
            case UpgradeRolledBack e -> rolledBack(e, at);
            case UpgradeHeld e ->
                upgrade(
                        Tone.URGENT,
                        e.subject(),
                        at,
                        "ACTION NEEDED: %s is held on its way to %s: %s"
                                .formatted(e.subject().tenant(), target(e.subject()), brief(e.reason())),
                        "The upgrade of %s waits for a person: %s. Nothing more happens to it until somebody decides."
                                .formatted(e.subject().tenant(), sentence(e.reason())),
                        List.of(),
                        List.of(),
                        waysOut(e));
            case RolloutStarted e ->
                rollout(
                        Tone.PLAIN,
                        e,
                        at,
                        "%s %s goes out to %s".formatted(e.product(), e.version(), tenants(e.tenants())),
                        "The release begins to go out, ring after ring.",
                        List.of());
            case RingOpened e ->
                rollout(
                        Tone.PLAIN,
                        e,
                        at,
                        "%s %s: ring %s is open".formatted(e.product(), e.version(), e.ring()),
                        "The tenants of ring %s may start now.".formatted(e.ring()),
                        List.of());
            case RolloutStopped e ->
                rollout(
                        Tone.URGENT,
                        e,
                        at,
                        "ACTION NEEDED: %s %s was stopped: %s".formatted(e.product(), e.version(), brief(e.reason())),
                        "No further tenant gets this release: %s. What runs comes to its own end."
                                .formatted(sentence(e.reason())),
                        List.of(
                                new Advice("Look at what happened.", "upkeep rollout watch " + e.rollout()),
                                new Advice(
                                        "Go on once the cause is gone; or leave it, and publish a better release.",
                                        "upkeep rollout resume " + e.rollout())));
            case RecallStarted e ->
                rollout(
                        Tone.BAD,
                        e,
                        at,
                        "%s %s is taken back from %s".formatted(e.product(), e.version(), tenants(e.tenants())),
                        "Those who run it go back, ring after ring: %s.".formatted(sentence(e.reason())),
                        List.of(new Advice("Watch them go back.", "upkeep rollout watch " + e.rollout())));
            case RecallStopped e ->
                rollout(
                        Tone.URGENT,
                        e,
                        at,
                        "ACTION NEEDED: going back from %s %s was stopped: %s"
                                .formatted(e.product(), e.version(), brief(e.reason())),
                        "No further tenant goes back: %s. What runs comes to its own end."
                                .formatted(sentence(e.reason())),
                        List.of(
                                new Advice("Look at what happened.", "upkeep rollout watch " + e.rollout()),
                                new Advice("Go on once the cause is gone.", "upkeep rollout resume " + e.rollout())));
            case RecallFinished e ->
                rollout(
                        e.stayed() == 0 ? Tone.GOOD : Tone.BAD,
                        e,
                        at,
                        "%s %s was taken back: %d went back, %d could not"
                                .formatted(e.product(), e.version(), e.back(), e.stayed()),
                        "Every tenant of this recall has ended.",
                        List.of());
            case RolloutFinished e ->
                rollout(
                        e.rolledBack() == 0 ? Tone.GOOD : Tone.BAD,
                        e,
                        at,
                        "%s %s has gone out: %d confirmed, %d rolled back"
                                .formatted(e.product(), e.version(), e.confirmed(), e.rolledBack()),
                        "Every tenant of this rollout has ended.",
                        List.of());
        };
    }

    private static String again(UpgradePlanned e) {
        return e.schedule().filter(schedule -> schedule.revision() > 1).isPresent()
                ? " This replaces what you were told of it before."
                : "";
    }

    private static List<Message.Fact> planned(UpgradePlanned e) {
        List<Message.Fact> facts = new ArrayList<>();
        e.schedule().ifPresent(schedule -> {
            facts.add(new Message.Fact("Not before", TIME.format(schedule.notBefore())));
            facts.add(new Message.Fact(
                    "Not served for",
                    schedule.downtime().isZero()
                            ? "no time"
                            : "at most " + schedule.downtime().toMinutes() + " minutes"));
        });
        e.notes().forEach(note -> facts.add(new Message.Fact("Note", note)));
        return facts;
    }

    private static Message rolledBack(UpgradeRolledBack e, Instant at) {
        List<Message.Fact> facts = new ArrayList<>();
        List<Advice> next = new ArrayList<>();
        String report = e.facts().get(dev.upkeep.contract.step.Fact.GAP_REPORT);
        String writes = e.facts().get(dev.upkeep.contract.step.Fact.GAP_WRITES);
        String restored = "";
        if (report != null) {
            String count = writes == null ? "an unknown number of" : writes;
            facts.add(new Message.Fact("Gap report", report));
            facts.add(new Message.Fact("Writes in it", count));
            restored = " The proven backup was restored; what was written after it is itemised in the gap report.";
            if (!"0".equals(writes)) {
                next.add(new Advice(
                        "Read the gap report: its %s writes are not in the database that serves now. Re-apply or re-enter them."
                                .formatted(count),
                        ""));
            }
        }
        next.add(new Advice(
                "See the whole course of it.",
                "upkeep upgrade show " + e.subject().upgrade()));
        return upgrade(
                Tone.BAD,
                e.subject(),
                at,
                "%s is back on %s: %s was rolled back"
                        .formatted(
                                e.subject().tenant(),
                                source(e.subject()),
                                e.subject().to()),
                "The upgrade to %s was undone: %s. %s serves again.%s"
                        .formatted(
                                e.subject().to(),
                                sentence(e.reason()),
                                e.subject().from(),
                                restored),
                facts,
                reasons(e.because()),
                next);
    }

    private static List<Advice> waysOut(UpgradeHeld e) {
        List<Advice> ways = new ArrayList<>();
        for (String way : e.waysOut()) {
            String word = way.split(":", 2)[0].strip();
            ways.add(new Advice(
                    way,
                    word.matches("[a-z-]+")
                            ? "upkeep hold resolve " + e.subject().upgrade() + " --way " + word + " --by \"$USER\""
                            : ""));
        }
        ways.add(new Advice(
                "See where it stands first.",
                "upkeep upgrade show " + e.subject().upgrade()));
        return ways;
    }

    private static Message upgrade(
            Tone tone,
            Subject subject,
            Instant at,
            String line,
            String what,
            List<Message.Fact> more,
            List<Reason> why,
            List<Advice> next) {
        List<Message.Fact> facts = new ArrayList<>();
        facts.add(new Message.Fact("Tenant", subject.tenant() + " (account " + subject.account() + ")"));
        facts.add(new Message.Fact("Product", subject.product() + " " + subject.from() + " → " + subject.to()));
        facts.add(new Message.Fact("Upgrade", subject.upgrade() + " of rollout " + subject.rollout()));
        facts.add(new Message.Fact("When", TIME.format(at)));
        facts.addAll(more);
        return new Message(tone, oneLine(line), subject.upgrade().value(), what, facts, why, next);
    }

    private static Message rollout(
            Tone tone, OfRollout event, Instant at, String line, String what, List<Advice> next) {
        return new Message(
                tone,
                oneLine(line),
                event.rollout().value(),
                what,
                List.of(
                        new Message.Fact("Product", event.product() + " " + event.version()),
                        new Message.Fact("Rollout", event.rollout().value()),
                        new Message.Fact("When", TIME.format(at))),
                List.of(),
                next);
    }

    private static List<Reason> reasons(List<Verdict.Finding> findings) {
        return findings.stream()
                .map(finding -> new Reason(finding.name(), finding.expected(), finding.found()))
                .toList();
    }

    private static String target(Subject subject) {
        return subject.product() + " " + subject.to();
    }

    private static String source(Subject subject) {
        return subject.product() + " " + subject.from();
    }

    private static String tenants(int count) {
        return count == 1 ? "1 tenant" : count + " tenants";
    }

    /** A reason inside a sentence, without its own full stop. */
    private static String sentence(String reason) {
        return reason.strip().replaceAll("[.\\s]+$", "");
    }

    /** A reason short enough for a subject. */
    private static String brief(String reason) {
        String line = sentence(oneLine(reason));
        return line.length() <= LONGEST_REASON_IN_SUBJECT
                ? line
                : line.substring(0, LONGEST_REASON_IN_SUBJECT - 1).strip() + "…";
    }

    /** A line break in a subject would let an event write mail headers. */
    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }
}
