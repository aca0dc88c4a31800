package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Policies.Deprecation.Keep;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What releases promise about what goes away: that it is announced, that it stays long enough, that no end is brought forward. */
final class RemovalRules {
    private RemovalRules() {}

    /** Something that the release takes away: by the id it was announced with, or a setting by its name. */
    private record Gone(String pointer, String id, Optional<ComponentName> setting) {
        boolean isAnnouncedBy(Release release) {
            return release.deprecations().stream().anyMatch(d -> d.id().equals(id))
                    || release.settings().stream()
                            .anyMatch(s -> s.fate() == Fate.DEPRECATED
                                    && s.name().equals(id)
                                    && setting.map(s.component()::equals).orElse(true));
        }
    }

    private static List<Gone> gone(Release release) {
        List<Gone> gone = new ArrayList<>();
        ReleaseRules.each(
                release.removals(),
                (at, removal) -> gone.add(new Gone("/removals/" + at + "/id", removal.id(), Optional.empty())));
        ReleaseRules.each(release.settings(), (at, setting) -> {
            if (setting.fate() == Fate.REMOVED) {
                gone.add(new Gone("/settings/" + at + "/name", setting.name(), Optional.of(setting.component())));
            }
        });
        return gone;
    }

    /** Nothing goes away that was not announced by a release before, where the product promises to keep what is deprecated. */
    static List<Contradiction> removalsWereAnnounced(Publication publication) {
        if (publication.policies().deprecation().keep() == Keep.NOT_AT_ALL) {
            return List.of();
        }
        return gone(publication.release()).stream()
                .filter(g -> announcements(publication, g).isEmpty())
                .map(g -> new Contradiction(
                        g.pointer(),
                        "removalsWereAnnounced",
                        "'" + g.id() + "' is removed, but no release before " + publication.version()
                                + " announced it as deprecated",
                        "deprecate it now, and remove it " + afterwards(publication)))
                .toList();
    }

    private static String afterwards(Publication publication) {
        return switch (publication.policies().deprecation().keep()) {
            case NOT_AT_ALL -> "later";
            case MAJOR_CYCLE -> "in the next major";
            case MINOR_CYCLE -> "in a major that follows at least one full minor after this one";
        };
    }

    /** What was announced stays as long as the product promises, and as long as its announcement says. */
    static List<Contradiction> removalsHaveWaited(Publication publication) {
        List<Contradiction> found = new ArrayList<>();
        for (Gone g : gone(publication.release())) {
            List<Release> announcements = announcements(publication, g);
            if (!announcements.isEmpty()) {
                Version since = announcements.getFirst().version();
                tooYoung(publication, since)
                        .or(() -> beforeItsEnd(publication, announcements, g.id()))
                        .map(why -> new Contradiction(
                                g.pointer(),
                                "removalsHaveWaited",
                                "'" + g.id() + "' is removed too early: " + why,
                                fix(publication)))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    private static String fix(Publication publication) {
        return "keep it in " + publication.version() + ", and remove it "
                + switch (publication.policies().deprecation().keep()) {
                    case NOT_AT_ALL -> "when its time has come";
                    case MAJOR_CYCLE -> "in the next major";
                    case MINOR_CYCLE -> "in a major that follows at least one full minor";
                };
    }

    private static Optional<String> tooYoung(Publication publication, Version since) {
        Version now = publication.version();
        return switch (publication.policies().deprecation().keep()) {
            case NOT_AT_ALL -> Optional.empty();
            case MAJOR_CYCLE ->
                now.major() > since.major()
                        ? Optional.empty()
                        : Optional.of("deprecated in " + since + ", it works in every " + since.major() + ".x");
            case MINOR_CYCLE -> {
                boolean aMinorLater = publication.before().stream()
                        .map(Release::version)
                        .anyMatch(v -> isLaterLine(v, since) && !Publication.sameLine(v, now));
                if (!aMinorLater) {
                    yield Optional.of(
                            "deprecated in " + since + ", it works for one full minor after that, and none is out");
                }
                yield publication.bump() == Bump.MAJOR
                        ? Optional.empty()
                        : Optional.of("deprecated in " + since + ", it works until a major, and " + now + " is a "
                                + publication.bumpWord());
            }
        };
    }

    private static boolean isLaterLine(Version version, Version than) {
        return version.major() > than.major() || (version.major() == than.major() && version.minor() > than.minor());
    }

    private static Optional<String> beforeItsEnd(Publication publication, List<Release> announcements, String id) {
        return latestEnd(announcements, id)
                .filter(end -> publication.version().compareTo(end) < 0)
                .map(end -> "it was announced to work until " + end);
    }

    /** An end that is announced again is not brought forward, and put off only where the product does that. */
    static List<Contradiction> endsAreOnlyExtended(Publication publication) {
        List<Contradiction> found = new ArrayList<>();
        boolean extendable = publication.policies().deprecation().extendable();
        ReleaseRules.each(publication.release().deprecations(), (at, deprecated) -> {
            List<Release> before = publication.before().stream()
                    .filter(r -> r.deprecations().stream().anyMatch(d -> d.id().equals(deprecated.id())))
                    .toList();
            Optional<Version> end = latestEnd(before, deprecated.id());
            deprecated
                    .until()
                    .filter(until -> !before.isEmpty())
                    .flatMap(until -> end.filter(e -> until.compareTo(e) < 0)
                            .map(e -> "its end was announced as " + e + " before, and people count on that")
                            .or(() -> !extendable && !end.equals(Optional.of(until))
                                    ? Optional.of(publication.product().name() + " does not put off announced ends")
                                    : Optional.empty()))
                    .map(why -> new Contradiction(
                            "/deprecations/" + at + "/until",
                            "endsAreOnlyExtended",
                            "'" + deprecated.id() + "' can't end with "
                                    + deprecated.until().get() + ": " + why,
                            end.map(e -> "write " + e + ", or leave it out").orElse("leave it out")))
                    .ifPresent(found::add);
        });
        return found;
    }

    /** An end that is announced lies ahead. */
    static List<Contradiction> endsLieAhead(Publication publication) {
        List<Contradiction> found = new ArrayList<>();
        ReleaseRules.each(
                publication.release().deprecations(),
                (at, deprecated) -> deprecated
                        .until()
                        .filter(until -> until.compareTo(publication.version()) <= 0)
                        .map(until -> new Contradiction(
                                "/deprecations/" + at + "/until",
                                "endsLieAhead",
                                "'" + deprecated.id() + "' ends with " + until + ", which " + publication.version()
                                        + " has reached",
                                "name the first later version that may remove it"))
                        .ifPresent(found::add));
        return found;
    }

    private static List<Release> announcements(Publication publication, Gone gone) {
        return publication.before().stream().filter(gone::isAnnouncedBy).toList();
    }

    private static Optional<Version> latestEnd(List<Release> announcements, String id) {
        return announcements.stream()
                .flatMap(r -> r.deprecations().stream())
                .filter(d -> d.id().equals(id))
                .flatMap(d -> d.until().stream())
                .max(Version::compareTo);
    }
}
