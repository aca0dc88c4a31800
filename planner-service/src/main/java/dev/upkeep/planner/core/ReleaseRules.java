package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Release.Kind;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What makes a release contradict its number, its product's policies or what was promised before; all rules are asked, so that every
 * contradiction is known at once. The promises about what goes away are in {@link RemovalRules}.
 */
public final class ReleaseRules {
    /** What the release alone can contradict. */
    static final List<Rule> OF_ITSELF = List.of(
            ReleaseRules::stampsAreOne,
            ReleaseRules::breakingOnlyInAMajor,
            ReleaseRules::schemaAsItsBumpAllows,
            ReleaseRules::settingsAsItsBumpAllows,
            ReleaseRules::behaviourAsItsBumpAllows,
            ReleaseRules::tagsStandStill,
            ReleaseRules::digestsArePinned,
            ReleaseRules::foreignComponentsStayOut,
            ReleaseRules::removalsNameTheirReplacement,
            ReleaseRules::notesAreWritten,
            RemovalRules::endsLieAhead);

    /** What it can contradict because of what was published before. */
    static final List<Rule> OF_HISTORY = List.of(
            ReleaseRules::orderIsKept,
            ReleaseRules::notBelowTheFloor,
            ReleaseRules::guideIsNamed,
            RemovalRules::removalsWereAnnounced,
            RemovalRules::removalsHaveWaited,
            RemovalRules::endsAreOnlyExtended);

    private ReleaseRules() {}

    /** One of them: the contradictions that it finds. */
    @FunctionalInterface
    interface Rule {
        List<Contradiction> contradictions(Publication publication);
    }

    /**
     * Every reason why it may not be published; none means that it may.
     *
     * @param published the product's releases that are out, in any order
     */
    public static List<Contradiction> contradictions(Product product, Release release, List<Release> published) {
        Publication publication = new Publication(product, release, published);
        return Stream.concat(OF_ITSELF.stream(), OF_HISTORY.stream())
                .flatMap(rule -> rule.contradictions(publication).stream())
                .toList();
    }

    /** Every reason that can be seen without knowing what is out. */
    public static List<Contradiction> contradictions(Product product, Release release) {
        Publication publication = new Publication(product, release, List.of());
        return OF_ITSELF.stream()
                .flatMap(rule -> rule.contradictions(publication).stream())
                .toList();
    }

    /** Every artifact carries the release's number, as far as it is known which it carries. */
    static List<Contradiction> stampsAreOne(Publication publication) {
        if (!publication.policies().versioning().oneStamp()) {
            return List.of();
        }
        return eachArtifact(publication, (component, artifact) -> {
            Optional<String> stated =
                    Optional.ofNullable(publication.release().stamps().get(component));
            Optional<String> stamp = stated.or(() -> FloatingTag.imageTag(artifact.location())
                    .filter(tag -> number(tag).isPresent()));
            return stamp.filter(s -> !isNumberOf(publication.version(), s))
                    .map(s -> new Contradiction(
                            artifact(component, stated.isPresent() ? "stamp" : "location"),
                            "stampsAreOne",
                            "'" + component + "' carries " + s + ", but all artifacts of " + publication.version()
                                    + " carry one number",
                            "build it as " + publication.version()));
        });
    }

    private static Optional<Version> number(String text) {
        try {
            return Optional.of(Version.of(text.startsWith("v") ? text.substring(1) : text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static boolean isNumberOf(Version version, String stamp) {
        return number(stamp).filter(n -> n.compareTo(version) == 0).isPresent();
    }

    /** What the product calls breaking, or the author does, comes only with a major. */
    static List<Contradiction> breakingOnlyInAMajor(Publication publication) {
        if (publication.bump() == Bump.MAJOR) {
            return List.of();
        }
        Release release = publication.release();
        List<Contradiction> found = new ArrayList<>();
        each(release.changes(), (at, change) -> {
            boolean kind = publication.policies().breaking().contains(change.kind());
            if (kind || (change.breaking() && !publication.policies().breaking().isEmpty())) {
                found.add(breaking(
                        publication,
                        "/changes/" + at + (kind ? "/kind" : "/breaking"),
                        change.kind(),
                        "'" + change.what() + "'"));
            }
        });
        each(release.migrations(), (at, migration) -> {
            if (!migration.reversible()) {
                derived(publication, "/migrations/" + at + "/reversible", Kind.IRREVERSIBLE_MIGRATION)
                        .map(kind -> breaking(publication, kind.pointer(), kind.kind(), "migration " + migration.id()))
                        .ifPresent(found::add);
            }
        });
        each(
                release.settings(),
                (at, setting) -> kind(setting.fate())
                        .flatMap(kind -> derived(publication, "/settings/" + at + "/fate", kind))
                        .map(kind -> breaking(publication, kind.pointer(), kind.kind(), "setting " + setting.name()))
                        .ifPresent(found::add));
        each(
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
                what + " is breaking (" + kind.word() + "), but " + publication.version() + " is a "
                        + publication.bumpWord(),
                "leave it out, or publish it as " + (publication.version().major() + 1) + ".0.0");
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
        each(publication.release().settings(), (at, setting) -> {
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
        each(publication.release().changes(), (at, change) -> {
            if (change.kind() == Kind.BEHAVIOUR) {
                found.add(otherBehaviour(publication, "/changes/" + at + "/kind", "'" + change.what() + "'"));
            }
        });
        each(publication.release().settings(), (at, setting) -> {
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

    /** What is published once is the same for ever, so its bytes are not named by a tag that moves. */
    static List<Contradiction> tagsStandStill(Publication publication) {
        return eachArtifact(
                publication,
                (component, artifact) -> FloatingTag.of(artifact.location())
                        .map(tag -> new Contradiction(
                                artifact(component, "location"),
                                "tagsStandStill",
                                "tag '" + tag + "' of '" + component + "' moves: tomorrow it names other bytes",
                                "name the exact tag, such as " + publication.version() + ", or a digest")));
    }

    /** An image that is named by a digest is the one whose digest is stated; some products name all of them so. */
    static List<Contradiction> digestsArePinned(Publication publication) {
        boolean byDigest = publication.policies().versioning().pin() == Policies.Pin.DIGEST;
        return eachArtifact(publication, (component, artifact) -> {
            Optional<String> named = FloatingTag.imageDigest(artifact.location());
            if (named.isPresent() && !named.get().equals(artifact.digest().value())) {
                return Optional.of(new Contradiction(
                        artifact(component, "location"),
                        "digestsArePinned",
                        "the location of '" + component + "' names another digest than " + artifact.digest(),
                        "make them equal: both are the digest of the image"));
            }
            return byDigest && named.isEmpty() && FloatingTag.isImage(artifact.location())
                    ? Optional.of(new Contradiction(
                            artifact(component, "location"),
                            "digestsArePinned",
                            publication.product().name() + " pins images by digest, but '" + component
                                    + "' is named by a tag",
                            "append @" + artifact.digest()))
                    : Optional.empty();
        });
    }

    /** What has releases of its own, or comes inside of something else, is not in this product's releases. */
    static List<Contradiction> foreignComponentsStayOut(Publication publication) {
        return eachArtifact(
                publication,
                (component, artifact) -> publication
                        .product()
                        .component(component)
                        .flatMap(c -> switch (c.cadence()) {
                            case OWN ->
                                Optional.of("it has releases of its own and is never upgraded together with "
                                        + publication.product().name());
                            case RIDES_ALONG -> Optional.of("it comes inside another component");
                            case PRODUCT, TRAILING -> Optional.<String>empty();
                        })
                        .map(why -> new Contradiction(
                                artifact(component, "component"),
                                "foreignComponentsStayOut",
                                "the release carries '" + component + "', but " + why,
                                "remove the artifact; say under third-party which versions of it are needed")));
    }

    /** Where the product promises so, each removal names what takes its place. */
    static List<Contradiction> removalsNameTheirReplacement(Publication publication) {
        if (!publication.policies().notes().replacements()) {
            return List.of();
        }
        List<Contradiction> found = new ArrayList<>();
        each(publication.release().removals(), (at, removal) -> {
            if (removal.replacement().isBlank()) {
                found.add(new Contradiction(
                        "/removals/" + at + "/replacement",
                        "removalsNameTheirReplacement",
                        "nothing says what takes the place of '" + removal.what() + "'",
                        "name or link it; where nothing does, say so"));
            }
        });
        return found;
    }

    /** A product that has its notes read writes some, and is silent neither on what is gone nor on what breaks. */
    static List<Contradiction> notesAreWritten(Publication publication) {
        if (publication.policies().notes().equals(Policies.NotesPolicy.NONE)) {
            return List.of();
        }
        Release release = publication.release();
        Release.Notes notes = release.notes();
        if (notes.lines().isEmpty()) {
            return List.of(new Contradiction(
                    "/notes", "notesAreWritten", "the release has no notes", "say at least what changed or was fixed"));
        }
        List<Contradiction> found = new ArrayList<>();
        boolean tellsOfTheWorst = !notes.of(Release.Section.BREAKING).isEmpty();
        boolean removes =
                !release.removals().isEmpty() || release.settings().stream().anyMatch(s -> s.fate() == Fate.REMOVED);
        if (removes && !tellsOfTheWorst && notes.of(Release.Section.REMOVED).isEmpty()) {
            found.add(new Contradiction(
                    "/notes/removed",
                    "notesAreWritten",
                    "the notes are silent on what is removed",
                    "name each removal under 'removed' or 'breaking'"));
        }
        if (release.changes().stream().anyMatch(Release.Change::breaking) && !tellsOfTheWorst) {
            found.add(new Contradiction(
                    "/notes/breaking",
                    "notesAreWritten",
                    "the notes are silent on what breaks",
                    "name each breaking change under 'breaking'"));
        }
        return found;
    }

    /**
     * A line of versions only goes on; a patch may be added to an older line.
     *
     * <p>What lies below everything that is out is history from before the product was known here: a tenant may still have it, and needs
     * it as the way back.
     */
    static List<Contradiction> orderIsKept(Publication publication) {
        Version version = publication.version();
        List<Version> out =
                publication.published().stream().map(Release::version).toList();
        boolean isHistory = out.stream().allMatch(v -> v.compareTo(version) > 0);
        Optional<Version> inItsLine = out.stream()
                .filter(v -> Publication.sameLine(v, version) && v.compareTo(version) >= 0)
                .findFirst();
        Optional<Version> later =
                out.stream().filter(v -> v.compareTo(version) > 0).findFirst();
        if (isHistory) {
            return List.of();
        }
        if (inItsLine.isPresent()) {
            return List.of(outOfOrder(
                    publication,
                    inItsLine.get(),
                    "publish it as the next patch after "
                            + out.stream()
                                    .filter(v -> Publication.sameLine(v, version))
                                    .reduce(version, (a, b) -> b)));
        }
        return later.isPresent() && version.patch() == 0
                ? List.of(outOfOrder(
                        publication,
                        later.get(),
                        "publish it as a patch of an older line, or as a minor or major after " + out.getLast()))
                : List.of();
    }

    private static Contradiction outOfOrder(Publication publication, Version there, String fix) {
        return new Contradiction(
                "/version",
                "orderIsKept",
                publication.version() + " comes too late: " + there + " is out, and who has it would go back",
                fix);
    }

    /** Once there is a version that is fit for production, nothing below it is published any more. */
    static List<Contradiction> notBelowTheFloor(Publication publication) {
        return publication.policies().versioning().floor().stream()
                .filter(floor -> publication.version().compareTo(floor) < 0
                        && publication.published().stream()
                                .anyMatch(r -> r.version().compareTo(floor) >= 0)
                        && !publication.before().isEmpty())
                .map(floor -> new Contradiction(
                        "/version",
                        "notBelowTheFloor",
                        publication.version() + " lies below " + floor + ", the first version of "
                                + publication.product().name() + " that is fit for production",
                        "publish the change as a version from " + floor + " on"))
                .toList();
    }

    /** Where somebody must have read a migration guide, there is one. */
    static List<Contradiction> guideIsNamed(Publication publication) {
        return publication.meaning().acknowledge() == Product.Acknowledge.GUIDE
                        && publication.release().guide().isEmpty()
                        && !publication.before().isEmpty()
                ? List.of(new Contradiction(
                        "/guide",
                        "guideIsNamed",
                        "a " + publication.bumpWord() + " of "
                                + publication.product().name() + " waits until its migration guide was read, but "
                                + publication.version() + " names none",
                        "add 'guide': where it is"))
                : List.of();
    }

    private static String artifact(ComponentName component, String key) {
        return "/artifacts/" + component + "/" + key;
    }

    @FunctionalInterface
    private interface OfArtifact {
        Optional<Contradiction> contradiction(ComponentName component, Artifact artifact);
    }

    private static List<Contradiction> eachArtifact(Publication publication, OfArtifact rule) {
        return publication.release().artifacts().entrySet().stream()
                .sorted((a, b) -> a.getKey().value().compareTo(b.getKey().value()))
                .flatMap(e -> rule.contradiction(e.getKey(), e.getValue()).stream())
                .toList();
    }

    @FunctionalInterface
    interface Visit<T> {
        void at(int index, T item);
    }

    static <T> void each(List<T> items, Visit<T> visit) {
        for (int i = 0; i < items.size(); i++) {
            visit.at(i, items.get(i));
        }
    }
}
