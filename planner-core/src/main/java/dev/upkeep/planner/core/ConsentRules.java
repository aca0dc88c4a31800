package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.StartRules.blocked;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What somebody must have said: yes, please, or that the notes were read. */
final class ConsentRules {
    private ConsentRules() {}

    /** Where a bump takes consent, each line that is crossed must have it: nobody gets to 3 by way of a 2 that was refused. */
    static Optional<Blocker> majorIsConsented(StartFacts facts, Instant now) {
        if (!facts.meaning().consent()) {
            return Optional.empty();
        }
        List<String> missing = facts.stretch().releases().stream()
                .map(Release::version)
                .filter(version -> isLastOfItsMajor(version, facts.stretch()))
                .filter(version -> !facts.said().consentsTo(version))
                .map(Version::toString)
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : blocked("majorIsConsented", "the customer has not consented to " + String.join(", ", missing));
    }

    private static boolean isLastOfItsMajor(Version version, Stretch stretch) {
        return version.equals(stretch.to())
                || (version.major() > stretch.from().major()
                        && version.preRelease().isEmpty()
                        && stretch.releases().stream()
                                .map(Release::version)
                                .noneMatch(v -> v.major() == version.major() && v.compareTo(version) > 0));
    }

    /** Some procedures run only when the customer asks for the version. */
    static Optional<Blocker> versionIsRequested(StartFacts facts, Instant now) {
        boolean waits =
                facts.procedure().map(Product.Procedure::customerTriggers).orElse(false);
        return waits && !facts.said().requested().contains(facts.to())
                ? blocked("versionIsRequested", "the customer starts this one, and has not asked for " + facts.to())
                : Optional.empty();
    }

    /** Of every release crossed: what was skipped over is installed all the same. */
    static Optional<Blocker> notesAreAcknowledged(StartFacts facts, Instant now) {
        List<String> unread = facts.stretch().releases().stream()
                .filter(release -> mustBeRead(release, facts.meaning().acknowledge()))
                .filter(release -> !facts.said().acknowledged().containsKey(release.version()))
                .map(ConsentRules::told)
                .toList();
        return unread.isEmpty()
                ? Optional.empty()
                : blocked("notesAreAcknowledged", "nobody has acknowledged the notes of " + String.join(", ", unread));
    }

    private static boolean mustBeRead(Release release, Product.Acknowledge what) {
        return switch (what) {
            case NOTHING -> false;
            case IF_TRIGGERED -> !release.notes().triggers().isEmpty();
            case NOTES, GUIDE -> !release.notes().sections().isEmpty();
        };
    }

    private static String told(Release release) {
        return release.notes().triggers().isEmpty()
                ? release.version().toString()
                : release.version() + " ("
                        + String.join(", ", new TreeSet<>(release.notes().triggers())) + ")";
    }

    static Optional<Blocker> guideIsRead(StartFacts facts, Instant now) {
        if (facts.meaning().acknowledge() != Product.Acknowledge.GUIDE) {
            return Optional.empty();
        }
        List<String> unread = facts.stretch().releases().stream()
                .filter(release ->
                        release.guide().isPresent() && !facts.said().guides().contains(release.version()))
                .map(release -> release.version() + " (" + release.guide().orElse("") + ")")
                .toList();
        return unread.isEmpty()
                ? Optional.empty()
                : blocked("guideIsRead", "nobody has read the migration guide of " + String.join(", ", unread));
    }
}
