package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What makes a release contradict its number, its product's policies or what was promised before; all rules are asked, so that every
 * contradiction is known at once. They stand here by name; what they ask of artifacts, of bumps and of removals is beside it.
 */
public final class ReleaseRules {
    private static final Map<String, Rule> OF_ITSELF = ofItself();
    private static final Map<String, Rule> OF_HISTORY = ofHistory();

    /** The rules' names, as contradictions give them. */
    public static final Set<String> NAMES = Stream.of(OF_ITSELF, OF_HISTORY)
            .flatMap(rules -> rules.keySet().stream())
            .collect(Collectors.toUnmodifiableSet());

    private ReleaseRules() {}

    /** One of them: the contradictions that it finds. */
    @FunctionalInterface
    interface Rule {
        List<Contradiction> contradictions(Publication publication);
    }

    /** What the release alone can contradict. */
    private static Map<String, Rule> ofItself() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("stampsAreOne", ArtifactRules::stampsAreOne);
        rules.put("breakingOnlyInAMajor", BumpRules::breakingOnlyInAMajor);
        rules.put("schemaAsItsBumpAllows", BumpRules::schemaAsItsBumpAllows);
        rules.put("settingsAsItsBumpAllows", BumpRules::settingsAsItsBumpAllows);
        rules.put("behaviourAsItsBumpAllows", BumpRules::behaviourAsItsBumpAllows);
        rules.put("tagsStandStill", ArtifactRules::tagsStandStill);
        rules.put("digestsArePinned", ArtifactRules::digestsArePinned);
        rules.put("foreignComponentsStayOut", ArtifactRules::foreignComponentsStayOut);
        rules.put("removalsNameTheirReplacement", ReleaseRules::removalsNameTheirReplacement);
        rules.put("notesAreWritten", ReleaseRules::notesAreWritten);
        rules.put("endsLieAhead", RemovalRules::endsLieAhead);
        return Collections.unmodifiableMap(rules);
    }

    /** What it can contradict because of what was published before. */
    private static Map<String, Rule> ofHistory() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("orderIsKept", ReleaseRules::orderIsKept);
        rules.put("notBelowTheFloor", ReleaseRules::notBelowTheFloor);
        rules.put("guideIsNamed", ReleaseRules::guideIsNamed);
        rules.put("removalsWereAnnounced", RemovalRules::removalsWereAnnounced);
        rules.put("removalsHaveWaited", RemovalRules::removalsHaveWaited);
        rules.put("endsAreOnlyExtended", RemovalRules::endsAreOnlyExtended);
        return Collections.unmodifiableMap(rules);
    }

    /**
     * Every reason why it may not be published; none means that it may.
     *
     * @param published the product's releases that are out, in any order
     */
    public static List<Contradiction> contradictions(Product product, Release release, List<Release> published) {
        Publication publication = new Publication(product, release, published);
        return Stream.of(OF_ITSELF, OF_HISTORY)
                .flatMap(rules -> rules.values().stream())
                .flatMap(rule -> rule.contradictions(publication).stream())
                .toList();
    }

    /** Every reason that can be seen without knowing what is out. */
    public static List<Contradiction> contradictions(Product product, Release release) {
        Publication publication = new Publication(product, release, List.of());
        return OF_ITSELF.values().stream()
                .flatMap(rule -> rule.contradictions(publication).stream())
                .toList();
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
