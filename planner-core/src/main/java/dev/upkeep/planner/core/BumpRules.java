package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Release.Kind;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a release may change, for what its number promises. */
final class BumpRules {
    private BumpRules() {}

    /** What the product calls breaking, or the author does, comes only with a major. */
    static List<Contradiction> breakingOnlyInAMajor(Publication publication) {
        if (publication.bump() == Bump.MAJOR) {
            return List.of();
        }
        Release release = publication.release();
        List<Contradiction> found = new ArrayList<>();
        ReleaseRules.each(release.changes(), (at, change) -> {
            boolean kind = publication.policies().breaking().contains(change.kind());
            if (kind || (change.breaking() && !publication.policies().breaking().isEmpty())) {
                found.add(breaking(
                        publication,
                        "/changes/" + at + (kind ? "/kind" : "/breaking"),
                        change.kind(),
                        "'" + change.what() + "'"));
            }
        });
        ReleaseRules.each(release.migrations(), (at, migration) -> {
            if (!migration.reversible()) {
                derived(publication, "/migrations/" + at + "/reversible", Kind.IRREVERSIBLE_MIGRATION)
                        .map(kind -> breaking(publication, kind.pointer(), kind.kind(), "migration " + migration.id()))
                        .ifPresent(found::add);
            }
        });
        ReleaseRules.each(
                release.settings(),
                (at, setting) -> kind(setting.fate())
                        .flatMap(kind -> derived(publication, "/settings/" + at + "/fate", kind))
                        .map(kind -> breaking(publication, kind.pointer(), kind.kind(), "setting " + setting.name()))
                        .ifPresent(found::add));
        ReleaseRules.each(
                release.removals(),
                (at, removal) -> derived(publication, "/removals/" + at, Kind.REMOVAL)
                        .map(kind -> breaking(
                                publication, kind.pointer(), kind.kind(), "the end of '" + removal.what() + "'"))
                        .ifPresent(found::add));
        return found;
    }

    private record Derived(String pointer, Kind kind) {}

    private static Optional<Derived> derived(Publication publication, String pointer, Kind kind) {
        return publication.policies().breaking().contains(kind)
                ? Optional.of(new Derived(pointer, kind))
                : Optional.empty();
    }

    private static Optional<Kind> kind(Fate fate) {
        return switch (fate) {
            case RENAMED, PARSED_OTHERWISE -> Optional.of(Kind.SETTING);
            case REQUIRED -> Optional.of(Kind.SETTING_REQUIRED);
            case REMOVED -> Optional.of(Kind.REMOVAL);
            case NEW, DEPRECATED, DEFAULT_CHANGED -> Optional.empty();
        };
    }

    private static Contradiction breaking(Publication publication, String pointer, Kind kind, String what) {
        return new Contradiction(
                pointer,
                "breakingOnlyInAMajor",
                what + " is of the kind " + kind.word() + ", which "
                        + publication.product().name()
                        + " lists under 'breaking' whatever the release says of it, but "
                        + publication.version() + " is a " + publication.bumpWord(),
                "publish it as " + (publication.version().major() + 1)
                        + ".0.0, or, if it only adds, tell it in the notes and list no change of this kind");
    }

    /** A bump whose releases may not change the schema brings no migrations. */
    static List<Contradiction> schemaAsItsBumpAllows(Publication publication) {
        List<Migration> migrations = publication.release().migrations();
        return migrations.isEmpty() || publication.meaning().schemaChange()
                ? List.of()
                : List.of(new Contradiction(
                        "/migrations",
                        "schemaAsItsBumpAllows",
                        "a " + publication.bumpWord() + " of "
                                + publication.product().name()
                                + " must not change the schema, but " + publication.version() + " brings migrations "
                                + migrations.stream().map(Migration::id).toList(),
                        "move them to a release whose bump may change the schema"));
    }

    /** A bump does to settings no more than the product says. */
    static List<Contradiction> settingsAsItsBumpAllows(Publication publication) {
        List<Contradiction> found = new ArrayList<>();
        Product.Settings allowed = publication.meaning().settings();
        ReleaseRules.each(publication.release().settings(), (at, setting) -> {
            if (!allows(allowed, setting.fate())) {
                found.add(new Contradiction(
                        "/settings/" + at + "/fate",
                        "settingsAsItsBumpAllows",
                        "setting " + setting.name() + " is " + word(setting.fate()) + ", but a "
                                + publication.bumpWord() + " of "
                                + publication.product().name() + " " + allowance(allowed),
                        setting.fate() == Fate.REQUIRED
                                ? "give it a default, so that it may be left out, or move it to a later release"
                                : "move it to a release whose bump may do that"));
            }
        });
        return found;
    }

    private static boolean allows(Product.Settings allowed, Fate fate) {
        return switch (allowed) {
            case NONE -> false;
            case OPTIONAL -> fate == Fate.NEW || fate == Fate.DEPRECATED;
            case REQUIRED ->
                fate == Fate.NEW || fate == Fate.DEPRECATED || fate == Fate.REQUIRED || fate == Fate.DEFAULT_CHANGED;
            case ANY -> true;
        };
    }

    private static String allowance(Product.Settings allowed) {
        return switch (allowed) {
            case NONE -> "changes no setting";
            case OPTIONAL -> "only adds optional settings and deprecates";
            case REQUIRED -> "only adds settings, changes defaults and deprecates";
            case ANY -> "may do anything to settings";
        };
    }

    private static String word(Fate fate) {
        return fate.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A bump whose releases may not change behaviour changes none, neither by its code nor by a default. */
    static List<Contradiction> behaviourAsItsBumpAllows(Publication publication) {
        if (publication.meaning().behaviour()) {
            return List.of();
        }
        List<Contradiction> found = new ArrayList<>();
        ReleaseRules.each(publication.release().changes(), (at, change) -> {
            if (change.kind() == Kind.BEHAVIOUR) {
                found.add(otherBehaviour(publication, "/changes/" + at + "/kind", "'" + change.what() + "'"));
            }
        });
        ReleaseRules.each(publication.release().settings(), (at, setting) -> {
            if (setting.fate() == Fate.DEFAULT_CHANGED) {
                found.add(otherBehaviour(
                        publication, "/settings/" + at + "/fate", "the new default of " + setting.name()));
            }
        });
        return found;
    }

    private static Contradiction otherBehaviour(Publication publication, String pointer, String what) {
        return new Contradiction(
                pointer,
                "behaviourAsItsBumpAllows",
                what + " changes behaviour, which a " + publication.bumpWord() + " of "
                        + publication.product().name() + " must not",
                "move it to a release whose bump may change behaviour");
    }
}
