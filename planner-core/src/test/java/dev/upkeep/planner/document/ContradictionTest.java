package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By which a release contradicts its number, its product's policies or what was promised before; and what it may do. */
class ContradictionTest {
    private static final String DIGEST = "sha256:" + "0".repeat(64);
    private static final String NOTED = "notes: {breaking: [x], changed: [y]}\n";
    private static final String SOAP = "deprecations: [{id: soap, what: The SOAP interface, replacement: /v1}]\n";
    private static final String NO_SOAP = "removals: [{id: soap, what: The SOAP interface, replacement: /v1}]\n";
    private static final String GUIDE = "guide: https://orchard.example/guide\n";

    private final Product product = Example.product();

    // ---- all at once

    @Test
    void takesTheReleaseThatSaysEverythingAndKeepsEveryPromise() throws Exception {
        assertThat(found(Example.text("release"), release("1.4.0", SOAP + NOTED)))
                .isEmpty();
    }

    @Test
    void tellsEveryContradictionAtOnceWithItsPlaceAndFix() throws Exception {
        String patch = Example.text("release").replace("version: 2.0.0\n", "version: 1.4.1\n");

        List<Problem> problems = problems(product, patch, release("1.4.0", NOTED));

        assertThat(problems.stream().map(p -> p.rule() + " " + p.pointer()))
                .containsExactlyInAnyOrder(
                        "stampsAreOne /artifacts/0/stamp",
                        "stampsAreOne /artifacts/1/location",
                        "breakingOnlyInAMajor /changes/0/kind",
                        "breakingOnlyInAMajor /migrations/1/reversible",
                        "breakingOnlyInAMajor /settings/1/fate",
                        "breakingOnlyInAMajor /settings/2/fate",
                        "breakingOnlyInAMajor /settings/4/fate",
                        "breakingOnlyInAMajor /removals/0",
                        "schemaAsItsBumpAllows /migrations",
                        "settingsAsItsBumpAllows /settings/0/fate",
                        "settingsAsItsBumpAllows /settings/1/fate",
                        "settingsAsItsBumpAllows /settings/2/fate",
                        "settingsAsItsBumpAllows /settings/3/fate",
                        "settingsAsItsBumpAllows /settings/4/fate",
                        "settingsAsItsBumpAllows /settings/5/fate",
                        "behaviourAsItsBumpAllows /changes/1/kind",
                        "behaviourAsItsBumpAllows /settings/3/fate",
                        "removalsWereAnnounced /removals/0/id");
        assertThat(problems).allSatisfy(p -> {
            assertThat(p.detail()).isNotBlank();
            assertThat(p.fix()).isNotBlank();
        });
    }

    // ---- R2: one stamp

    @Test
    void refusesAnArtifactThatCarriesAnotherNumber() throws Exception {
        String one = artifact("stamp: 1.5.0");

        assertThat(found(release("1.5.0", one + NOTED))).isEmpty();
        assertThat(found(release("1.5.0", one.replace("stamp: 1.5.0", "stamp: v1.5.0") + NOTED)))
                .isEmpty();
        assertThat(found(release("1.5.1", one + NOTED))).containsExactly("stampsAreOne /artifacts/0/stamp");
        assertThat(found(release("1.5.0", one.replace("stamp: 1.5.0", "stamp: nightly") + NOTED)))
                .containsExactly("stampsAreOne /artifacts/0/stamp");
        assertThat(found(release("1.5.1", image("oci://r.example/api:1.5.0") + NOTED)))
                .containsExactly("stampsAreOne /artifacts/0/location");
        assertThat(found(without("one-stamp: true", "one-stamp: false"), release("1.5.1", one + NOTED)))
                .isEmpty();
    }

    // ---- R3, R68: what breaks

    @Test
    void refusesEachKindThatTheProductCallsBreakingBelowAMajor() throws Exception {
        for (String kind :
                List.of("api", "setting", "setting-required", "configuration", "role", "sdk", "wire-format")) {
            String change = "changes: [{kind: " + kind + ", what: x}]\n" + NOTED;
            assertThat(found(release("1.5.0", change)))
                    .as(kind)
                    .containsExactly("breakingOnlyInAMajor /changes/0/kind");
            assertThat(found(release("2.0.0", change))).as(kind).isEmpty();
        }
        assertThat(found(release("1.5.0", "changes: [{kind: behaviour, what: x}]\n" + NOTED)))
                .isEmpty();
        assertThat(found(
                        without("breaking: [api, ", "breaking: ["),
                        release("1.5.0", "changes: [{kind: api, what: x}]\n" + NOTED)))
                .isEmpty();
    }

    @Test
    void refusesWhatItsAuthorCallsBreakingBelowAMajor() throws Exception {
        String change = "changes: [{kind: behaviour, what: x, breaking: true}]\n" + NOTED;

        assertThat(found(release("1.5.0", change))).containsExactly("breakingOnlyInAMajor /changes/0/breaking");
        assertThat(found(release("2.0.0", change))).isEmpty();
    }

    @Test
    void derivesTheKindFromMigrationsSettingsAndRemovals() throws Exception {
        assertThat(found(release("1.5.0", "migrations: [{id: \"1\", reversible: false}]\n" + NOTED)))
                .containsExactly("breakingOnlyInAMajor /migrations/0/reversible");
        assertThat(found(release("1.5.0", "migrations: [{id: \"1\", reversible: true}]\n" + NOTED)))
                .isEmpty();
        for (String fate :
                List.of("{fate: required", "{fate: renamed, to: Z", "{fate: parsed-otherwise", "{fate: removed")) {
            String setting = "settings: [" + fate + ", name: X, component: api}]\n" + NOTED;
            String before = release("1.4.0", "settings: [{fate: deprecated, name: X, component: api}]\n" + NOTED);
            assertThat(found(release("1.5.0", setting), before))
                    .as(fate)
                    .contains("breakingOnlyInAMajor /settings/0/fate");
            assertThat(found(release("2.0.0", setting + GUIDE), before))
                    .as(fate)
                    .isEmpty();
        }
        assertThat(found(release("1.5.0", NO_SOAP + NOTED), release("1.4.0", SOAP + NOTED)))
                .contains("breakingOnlyInAMajor /removals/0");
    }

    // ---- R4, R69: what a bump may do

    @Test
    void refusesMigrationsInAPatchOfAProductWhosePatchesHaveNone() throws Exception {
        String migration = "migrations: [{id: \"1\", reversible: true}]\n" + NOTED;

        assertThat(found(release("1.5.1", migration))).containsExactly("schemaAsItsBumpAllows /migrations");
        assertThat(found(release("1.5.0", migration))).isEmpty();
        assertThat(found(
                        without("patch: {schema-change: false", "patch: {schema-change: true"),
                        release("1.5.1", migration)))
                .isEmpty();
    }

    @Test
    void refusesChangesOfSettingsThatItsBumpMayNotMake() throws Exception {
        String added = "settings: [{fate: new, name: X, component: api}]\n" + NOTED;
        String defaulted = "settings: [{fate: default-changed, name: X, component: api, value: 1}]\n" + NOTED;
        String required = "settings: [{fate: required, name: X, component: api}]\n" + NOTED;
        Product lenient = without("settings: optional", "settings: required", "setting-required, ", "");

        assertThat(found(release("1.5.1", added))).containsExactly("settingsAsItsBumpAllows /settings/0/fate");
        assertThat(found(release("1.5.0", added))).isEmpty();
        assertThat(found(release("1.5.0", defaulted))).containsExactly("settingsAsItsBumpAllows /settings/0/fate");
        assertThat(found(lenient, release("1.5.0", defaulted))).isEmpty();
        assertThat(found(release("1.5.0", required))).contains("settingsAsItsBumpAllows /settings/0/fate");
        assertThat(found(lenient, release("1.5.0", required))).isEmpty();
        assertThat(found(lenient, release("1.5.0", required.replace("required,", "parsed-otherwise,"))))
                .contains("settingsAsItsBumpAllows /settings/0/fate");
    }

    @Test
    void refusesAChangeOfBehaviourInAPatchOfAProductWhosePatchesHaveNone() throws Exception {
        String change = "changes: [{kind: behaviour, what: x}]\n" + NOTED;
        String defaulted = "settings: [{fate: default-changed, name: X, component: api, value: 1}]\n" + NOTED;

        assertThat(found(release("1.5.1", change))).containsExactly("behaviourAsItsBumpAllows /changes/0/kind");
        assertThat(found(without("settings: none", "settings: any"), release("1.5.1", defaulted)))
                .containsExactly("behaviourAsItsBumpAllows /settings/0/fate");
        assertThat(found(release("1.5.0", change))).isEmpty();
    }

    // ---- R6, R70: what goes away

    @Test
    void refusesARemovalThatNobodyAnnounced() throws Exception {
        String removal = release("2.0.0", NO_SOAP + NOTED + GUIDE);

        assertThat(found(removal, release("1.4.0", NOTED))).containsExactly("removalsWereAnnounced /removals/0/id");
        assertThat(found(removal, release("1.4.0", SOAP + NOTED))).isEmpty();
        assertThat(found(
                        without("keep: major-cycle, extendable: true", "keep: not-at-all"),
                        removal,
                        release("1.4.0", NOTED)))
                .isEmpty();
        String setting = release("2.0.0", "settings: [{fate: removed, name: X, component: api}]\n" + NOTED + GUIDE);
        String elsewhere = "settings: [{fate: deprecated, name: X, component: worker}]\n" + NOTED;
        assertThat(found(setting, release("1.4.0", elsewhere)))
                .containsExactly("removalsWereAnnounced /settings/0/name");
        assertThat(found(setting, release("1.4.0", elsewhere.replace("worker", "api"))))
                .isEmpty();
    }

    @Test
    void keepsWhatIsDeprecatedThroughItsMajor() throws Exception {
        Product free = without(", removal]", "]");

        assertThat(found(free, release("1.5.0", NO_SOAP + NOTED), release("1.4.0", SOAP + NOTED)))
                .containsExactly("removalsHaveWaited /removals/0/id");
        assertThat(found(free, release("2.0.0", NO_SOAP + NOTED + GUIDE), release("1.4.0", SOAP + NOTED)))
                .isEmpty();
        assertThat(found(free, release("2.1.0", NO_SOAP + NOTED), release("2.0.0", SOAP + NOTED)))
                .containsExactly("removalsHaveWaited /removals/0/id");
    }

    @Test
    void keepsWhatIsDeprecatedThroughAFullMinorAndUntilAMajor() throws Exception {
        Product minors = without("keep: major-cycle", "keep: minor-cycle", ", removal]", "]");
        String announced = release("1.4.0", SOAP + NOTED);

        assertThat(found(minors, release("2.0.0", NO_SOAP + NOTED + GUIDE), announced))
                .containsExactly("removalsHaveWaited /removals/0/id");
        assertThat(found(minors, release("2.0.0", NO_SOAP + NOTED + GUIDE), announced, release("1.4.1", NOTED)))
                .containsExactly("removalsHaveWaited /removals/0/id");
        assertThat(found(minors, release("2.0.0", NO_SOAP + NOTED + GUIDE), announced, release("1.5.0", NOTED)))
                .isEmpty();
        assertThat(found(minors, release("1.6.0", NO_SOAP + NOTED), announced, release("1.5.0", NOTED)))
                .containsExactly("removalsHaveWaited /removals/0/id");
        assertThat(found(minors, release("3.0.0", NO_SOAP + NOTED + GUIDE), announced, release("2.0.0", NOTED)))
                .isEmpty();
    }

    @Test
    void keepsWhatIsDeprecatedUntilTheEndThatWasAnnouncedIfThatIsLater() throws Exception {
        String late = release("1.4.0", SOAP.replace("/v1}", "/v1, until: 3.0.0}") + NOTED);
        String early = release("1.4.0", SOAP.replace("/v1}", "/v1, until: 1.4.1}") + NOTED);
        String extended = release("1.5.0", SOAP.replace("/v1}", "/v1, until: 3.0.0}") + NOTED);

        assertThat(found(release("2.0.0", NO_SOAP + NOTED + GUIDE), late))
                .containsExactly("removalsHaveWaited /removals/0/id");
        assertThat(found(release("3.0.0", NO_SOAP + NOTED + GUIDE), late)).isEmpty();
        assertThat(found(release("1.5.0", NO_SOAP + NOTED), early)).contains("removalsHaveWaited /removals/0/id");
        assertThat(found(release("2.0.0", NO_SOAP + NOTED + GUIDE), release("1.4.0", SOAP + NOTED), extended))
                .containsExactly("removalsHaveWaited /removals/0/id");
        // It is kept even where the product promises no period.
        assertThat(found(
                        without("keep: major-cycle, extendable: true", "keep: not-at-all"),
                        release("2.0.0", NO_SOAP + NOTED + GUIDE),
                        late))
                .containsExactly("removalsHaveWaited /removals/0/id");
    }

    @Test
    void neverBringsAnAnnouncedEndForwardAndPutsItOffOnlyWhereTheProductDoes() throws Exception {
        String first = release("1.4.0", SOAP.replace("/v1}", "/v1, until: 3.0.0}") + NOTED);
        String later = release("1.5.0", SOAP.replace("/v1}", "/v1, until: 4.0.0}") + NOTED);
        String sooner = release("1.5.0", SOAP.replace("/v1}", "/v1, until: 2.0.0}") + NOTED);
        Product strict = without("extendable: true", "extendable: false");

        assertThat(found(later, first)).isEmpty();
        assertThat(found(strict, later, first)).containsExactly("endsAreOnlyExtended /deprecations/0/until");
        assertThat(found(strict, later, release("1.4.0", SOAP + NOTED)))
                .containsExactly("endsAreOnlyExtended /deprecations/0/until");
        assertThat(found(strict, later)).isEmpty();
        assertThat(found(sooner, first)).containsExactly("endsAreOnlyExtended /deprecations/0/until");
        assertThat(found(strict, first.replace("version: 1.4.0", "version: 1.5.0"), first))
                .isEmpty();
    }

    @Test
    void refusesAnEndThatIsReachedAlready() throws Exception {
        assertThat(found(release("1.4.0", SOAP.replace("/v1}", "/v1, until: 1.4.0}") + NOTED)))
                .containsExactly("endsLieAhead /deprecations/0/until");
    }

    // ---- R14: the floor

    @Test
    void publishesNothingBelowTheFloorOnceThatIsOut() throws Exception {
        Product from14 = without("floor: 1.0.0", "floor: 1.4.0");
        String old = release("1.3.1", NOTED);

        assertThat(found(from14, old, release("1.3.0", NOTED), release("1.4.0", NOTED)))
                .containsExactly("notBelowTheFloor /version");
        // What tenants have is published first, or afterwards as history: it is their way back.
        assertThat(found(from14, old, release("1.3.0", NOTED))).isEmpty();
        assertThat(found(from14, old, release("1.4.0", NOTED))).isEmpty();
    }

    // ---- R17, R18: how bytes are named

    @Test
    void refusesALocationByATagThatMoves() throws Exception {
        for (String location : List.of(
                "oci://r.example/api",
                "oci://r.example/api:latest",
                "oci://r.example:5000/team/api:snapshot",
                "oci://r.example/api:1",
                "oci://r.example/api:v1.5",
                "https://r.example/latest/api.jar",
                "https://r.example/api/snapshot")) {
            assertThat(found(release("1.5.0", image(location) + NOTED)))
                    .as(location)
                    .containsExactly("tagsStandStill /artifacts/0/location");
        }
        for (String location : List.of(
                "oci://r.example/api:1.5.0",
                "oci://r.example:5000/team/api:v1.5.0",
                "oci://r.example/api@" + DIGEST,
                "oci://r.example/api:latest@" + DIGEST,
                "https://r.example/main/api-1.5.0.jar",
                "file:///srv/1/api.jar")) {
            assertThat(found(release("1.5.0", image(location) + NOTED)))
                    .as(location)
                    .isEmpty();
        }
    }

    @Test
    void refusesAnImageWithoutItsDigestWhereTheProductPinsByDigest() throws Exception {
        Product pinned = without("pin: tag", "pin: digest");

        assertThat(found(pinned, release("1.5.0", image("oci://r.example/api:1.5.0") + NOTED)))
                .containsExactly("digestsArePinned /artifacts/0/location");
        assertThat(found(pinned, release("1.5.0", image("oci://r.example/api:1.5.0@" + DIGEST) + NOTED)))
                .isEmpty();
        assertThat(found(pinned, release("1.5.0", image("file:///api.jar") + NOTED)))
                .isEmpty();
        assertThat(found(release("1.5.0", image("oci://r.example/api@" + DIGEST.replace("00", "11")) + NOTED)))
                .containsExactly("digestsArePinned /artifacts/0/location");
    }

    // ---- R20: the notes

    @Test
    void refusesAReleaseWithoutNotesOrSilentOnTheWorst() throws Exception {
        String silent = "notes: {changed: [y]}\n";

        assertThat(found(release("1.5.0", ""))).containsExactly("notesAreWritten /notes");
        assertThat(found(release("1.5.0", silent))).isEmpty();
        assertThat(found(release("2.0.0", NO_SOAP + silent + GUIDE), release("1.4.0", SOAP + NOTED)))
                .containsExactly("notesAreWritten /notes/removed");
        assertThat(found(release("2.0.0", "changes: [{kind: api, what: x, breaking: true}]\n" + silent)))
                .containsExactly("notesAreWritten /notes/breaking");
        Product quiet = without(
                "  triggers: [breaking, rename]\n", "",
                "  labels: [Breaking, Migration, Action required]\n", "",
                "  removals-first: true\n", "",
                "  replacements: true\n", "",
                "notes:\n  link: https://orchard.example/notes/{version}\n", "");
        assertThat(found(quiet, release("1.5.0", ""))).isEmpty();
    }

    @Test
    void refusesARemovalThatNamesNoReplacementWhereTheProductPromisesOne() throws Exception {
        String removal = release("2.0.0", NO_SOAP.replace(", replacement: /v1", "") + NOTED + GUIDE);

        assertThat(found(removal, release("1.4.0", SOAP + NOTED)))
                .containsExactly("removalsNameTheirReplacement /removals/0/replacement");
        assertThat(found(without("replacements: true", "replacements: false"), removal, release("1.4.0", SOAP + NOTED)))
                .isEmpty();
    }

    @Test
    void refusesNotesWithRemovalsBelowSomethingElse() throws Exception {
        String below = release("1.5.0", "notes: {changed: [y], breaking: [x]}\n");

        assertThat(refusals(product, below)).containsExactly("removalsStandFirst /notes/breaking");
        assertThat(refusals(without("removals-first: true", "removals-first: false"), below))
                .isEmpty();
    }

    // ---- R51, R52: what is not the product's

    @Test
    void refusesAnArtifactOfAComponentThatHasReleasesOfItsOwn() throws Exception {
        for (String component : List.of("store", "cache")) {
            assertThat(found(release(
                            "1.5.0", artifact("").replace("component: api", "component: " + component) + NOTED)))
                    .containsExactly("foreignComponentsStayOut /artifacts/0/component");
        }
        // Needing another major of it is a requirement, and no upgrade of it.
        assertThat(found(release("1.5.0", "third-party: {postgresql: \">=18\"}\n" + NOTED)))
                .isEmpty();
    }

    // ---- R71: the guide

    @Test
    void refusesAMajorWithoutTheGuideThatMustBeRead() throws Exception {
        String major = release("2.0.0", NOTED);

        assertThat(found(major, release("1.4.0", NOTED))).containsExactly("guideIsNamed /guide");
        assertThat(found(major)).isEmpty();
        assertThat(found(release("1.5.0", NOTED), release("1.4.0", NOTED))).isEmpty();
    }

    // ---- R7: the order of versions

    @Test
    void keepsTheOrderOfALineButForPatchesOfOlderLinesAndHistory() throws Exception {
        String[] out = {
            release("1.4.0", NOTED), release("1.4.2", NOTED), release("1.6.0", NOTED), release("2.0.0", NOTED)
        };

        assertThat(found(release("2.0.1", NOTED), out)).isEmpty();
        assertThat(found(release("1.4.3", NOTED), out)).isEmpty();
        assertThat(found(release("1.5.1", NOTED), out)).isEmpty();
        assertThat(found(release("1.3.0", NOTED), out)).isEmpty();
        assertThat(found(release("1.4.1", NOTED), out)).containsExactly("orderIsKept /version");
        assertThat(found(release("1.4.2", NOTED), out)).containsExactly("orderIsKept /version");
        assertThat(found(release("1.5.0", NOTED), out)).containsExactly("orderIsKept /version");
        assertThat(found(release("2.0.0-rc.1", NOTED + GUIDE), out)).containsExactly("orderIsKept /version");
    }

    // ---- a changelog in place of notes

    @Test
    void takesTheNotesFromAChangelog() throws Exception {
        String text = release("1.5.0", """
                changelog: |
                  ## [1.5.0] - 2026-03-01
                  ### Removed
                  - An inner table was renamed
                  ## 1.4.0
                  ### Breaking
                  - Much
                """);

        Release release = ReleaseDocument.read(Text.tree(text, true), product);

        assertThat(release.notes().of(Release.Section.REMOVED)).containsExactly("An inner table was renamed");
        assertThat(release.notes().triggers()).containsExactly("rename");
        assertThat(ReleaseDocument.kept(Text.tree(text, true)).get("changelog").asText())
                .isEqualTo("## [1.5.0] - 2026-03-01\n### Removed\n- An inner table was renamed\n");
        assertThat(ReleaseDocument.stored(ReleaseDocument.kept(Text.tree(text, true)), product))
                .isEqualTo(release);
    }

    @Test
    void refusesAChangelogBesideNotesOrWithoutTheVersionOrInTheWrongOrder() throws Exception {
        String changelog = "changelog: \"## 1.5.0\\n### Added\\n- a\\n\"\n";

        assertThat(refusals(product, release("1.5.0", changelog))).isEmpty();
        assertThat(refusals(product, release("1.5.0", changelog + NOTED))).containsExactly(" /changelog");
        assertThat(refusals(product, release("1.6.0", changelog))).containsExactly(" /changelog");
        assertThat(refusals(product, release("1.5.0", changelog.replace("1.5.0\\n", "1.5.0 [YANKED]\\n"))))
                .containsExactly(" /changelog");
        assertThat(refusals(product, release("1.5.0", changelog.replace("- a", "- a\\n## 1.5.0"))))
                .containsExactly(" /changelog");
        assertThat(refusals(product, release("1.5.0", changelog.replace("- a", "- a\\n### Removed\\n- b"))))
                .containsExactly("removalsStandFirst /changelog");
    }

    private static String release(String version, String rest) {
        return "product: orchard\nversion: " + version + "\n" + rest;
    }

    private static String artifact(String stamp) {
        return "artifacts: [{component: api, location: \"file:///api.jar\", digest: \"" + DIGEST + "\""
                + (stamp.isEmpty() ? "" : ", " + stamp) + "}]\n";
    }

    private static String image(String location) {
        return artifact("").replace("file:///api.jar", location);
    }

    private static Product without(String... changes) throws Refused {
        String text = Example.text("product");
        for (int i = 0; i < changes.length; i += 2) {
            assertThat(text).contains(changes[i]);
            text = text.replace(changes[i], changes[i + 1]);
        }
        return ProductDocument.read(Text.tree(text, true));
    }

    private List<String> found(String release, String... published) throws Refused {
        return found(product, release, published);
    }

    private static List<String> found(Product product, String release, String... published) throws Refused {
        return problems(product, release, published).stream()
                .map(p -> p.rule() + " " + p.pointer())
                .toList();
    }

    private static List<Problem> problems(Product product, String release, String... published) throws Refused {
        List<Release> out = new ArrayList<>();
        for (String text : published) {
            out.add(ReleaseDocument.read(Text.tree(text, true), product));
        }
        Release read = ReleaseDocument.read(Text.tree(release, true), product);
        try {
            ReleaseDocument.check(Text.tree(release, true), product, read, out);
            return List.of();
        } catch (Refused refused) {
            return refused.problems();
        }
    }

    private static List<String> refusals(Product product, String release) {
        try {
            ReleaseDocument.read(Text.tree(release, true), product);
            return List.of();
        } catch (Refused refused) {
            return refused.problems().stream()
                    .map(p -> p.rule() + " " + p.pointer())
                    .toList();
        }
    }
}
