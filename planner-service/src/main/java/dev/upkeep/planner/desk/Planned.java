package dev.upkeep.planner.desk;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.Schedule;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How an announcement is said and written down. Its event's id tells the revision, so that a delivery can be counted. */
final class Planned {
    private static final Pattern CAUSE = Pattern.compile("[^:]+:planned(?::(\\d{1,9}))?");

    private Planned() {}

    static Envelope envelope(Subject subject, Announcement told, List<String> notes, Instant now) {
        return new Envelope(
                new EventId(subject.upgrade() + ":planned" + (told.revision() == 1 ? "" : ":" + told.revision())),
                "planner",
                now,
                new UpgradePlanned(
                        subject,
                        notes,
                        Optional.of(new Schedule(told.revision(), told.notBefore(), told.bump(), told.downtime()))));
    }

    static Entry entry(Subject subject, Announcement told) {
        return new Entry(
                told.revision() == 1 ? "upgrade-planned" : "upgrade-announced",
                "",
                subject.from() + " → " + subject.to()
                        + (told.revision() == 1 ? " is planned" : " is announced anew, revision " + told.revision())
                        + ", not before " + told.notBefore(),
                Map.of(
                        "revision", Integer.toString(told.revision()),
                        "not-before", told.notBefore().toString(),
                        "downtime", told.downtime().toString()));
    }

    /** The revision that an event of this id announced, if it announced one. */
    static OptionalInt revision(EventId cause) {
        Matcher planned = CAUSE.matcher(cause.value());
        if (!planned.matches()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(planned.group(1) == null ? 1 : Integer.parseInt(planned.group(1)));
    }
}
