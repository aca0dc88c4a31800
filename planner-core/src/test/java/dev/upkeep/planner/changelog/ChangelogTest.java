package dev.upkeep.planner.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Policies.NotesPolicy;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Release.Section;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangelogTest {
    private static final NotesPolicy POLICY = new NotesPolicy(
            Set.of("breaking", "remove", "rename", "policy"),
            Set.of("Breaking", "Migration", "Action required"),
            true,
            true,
            "");
    private static final String WHOLE = """
            # Changelog

            All notable changes. Nothing here is breaking news.

            ## [Unreleased]

            ### Removed
            - The attic

            ## [2.0.0] - 2026-03-01

            ### Breaking

            - The SOAP interface is gone; use [REST](https://example.org/rest).
              It takes the same calls.
            - **Action required:** set `KEY` before the start.

            ### Added

            1. Pages
            2. [Migration] Tables are written anew

            Apart from that:

            * A new colour

            ## [1.1.0] - 2026-02-01

            Faster start.

            ### Fixed

            - Leaves stay on
              - in autumn, too
              - in storms

            ### Notes for packagers

            - Nothing

            ## [1.0.1] - 2026-01-15 [YANKED]

            ### Fixed
            - Nothing that stayed

            ## v1.0.0 (2026-01-01)

            First release.

            ## Before Upkeep

            - Much

            [unreleased]: https://example.org/compare/v2.0.0...HEAD
            [2.0.0]: https://example.org/compare/v1.1.0...v2.0.0
            """;

    @Test
    void findsEachVersionWithItsDate() {
        List<Edition> editions = Changelog.parse(WHOLE).editions();

        assertThat(editions.stream().map(e -> e.version().toString()))
                .containsExactly("2.0.0", "1.1.0", "1.0.1", "1.0.0");
        assertThat(editions.stream().map(e -> e.date().orElseThrow()))
                .containsExactly(
                        LocalDate.of(2026, 3, 1),
                        LocalDate.of(2026, 2, 1),
                        LocalDate.of(2026, 1, 15),
                        LocalDate.of(2026, 1, 1));
        assertThat(editions.stream().map(Edition::isYanked)).containsExactly(false, false, true, false);
    }

    @Test
    void takesEachItemUnderItsSectionAndALabelledOneUnderItsLabel() {
        assertThat(notes(WHOLE, "2.0.0").sections())
                .isEqualTo(Map.of(
                        Section.BREAKING,
                        List.of(
                                "The SOAP interface is gone; use [REST](https://example.org/rest). It takes the same calls."),
                        Section.ACTION_REQUIRED,
                        List.of("set `KEY` before the start."),
                        Section.ADDED,
                        List.of("Pages", "Apart from that:", "A new colour"),
                        Section.MIGRATION,
                        List.of("Tables are written anew")));
    }

    @Test
    void keepsWhatStandsUnderNoKnownHeadingAndWhatIsNested() {
        assertThat(notes(WHOLE, "1.1.0").sections())
                .isEqualTo(Map.of(
                        Section.CHANGED,
                        List.of("Faster start.", "Nothing"),
                        Section.FIXED,
                        List.of("Leaves stay on; in autumn, too; in storms")));
        assertThat(notes(WHOLE, "1.0.0").of(Section.CHANGED)).containsExactly("First release.");
    }

    @Test
    void givesTheSectionsInTheOrderOfTheText() {
        assertThat(edition(WHOLE, "2.0.0").order()).containsExactly(Section.BREAKING, Section.ADDED);
        assertThat(edition("## 1.0.0\n### Added\n- a\n### Removed\n- b\n", "1.0.0")
                        .order())
                .containsExactly(Section.ADDED, Section.REMOVED);
    }

    @Test
    void readsItsOwnPartAsItReadTheWholeWhateverElseChanges() {
        String longer = WHOLE.replace("## [2.0.0]", "## [2.1.0]\n\n- More\n\n## [2.0.0]")
                .replace("v2.0.0...HEAD", "v2.1.0...HEAD")
                .replace("- Much", "- Much more");
        for (Edition edition : Changelog.parse(WHOLE).editions()) {
            String version = edition.version().toString();

            Edition again = edition(edition.source(), version);

            assertThat(again.source()).isEqualTo(edition.source());
            assertThat(again.notes(POLICY)).isEqualTo(edition.notes(POLICY));
            assertThat(edition(longer, version).source()).isEqualTo(edition.source());
        }
    }

    @Test
    void keepsTheTargetsThatItsLinksReferTo() {
        String text =
                "## 1.0.0\n- Use [REST][rest] and `x`\n\n## 0.9.0\n- [old]\n\n[rest]: https://example.org/rest 'R'\n"
                        + "[old]: https://example.org/old\n";

        assertThat(edition(text, "1.0.0").source())
                .isEqualTo("## 1.0.0\n- Use [REST][rest] and `x`\n\n[rest]: <https://example.org/rest>\n");
    }

    @Test
    void findsTriggerWordsInProseInEveryForm() {
        assertThat(triggers("- We removed the attic")).containsExactly("remove");
        assertThat(triggers("- The removal of the attic")).containsExactly("remove");
        assertThat(triggers("- Renaming goes on")).containsExactly("rename");
        assertThat(triggers("- Two policies")).containsExactly("policy");
        assertThat(triggers("- **Re**named")).containsExactly("rename");
        assertThat(triggers("- See [what is renamed](https://example.org)")).containsExactly("rename");
        assertThat(triggers("> Policy")).containsExactly("policy");
        assertThat(triggers("<details>\n<summary>A breaking thing</summary>\n</details>"))
                .containsExactly("breaking");
        assertThat(triggers("| a | b |\n|---|---|\n| policy | x |")).containsExactly("policy");
        assertThat(triggers("### Removed\n- The attic")).containsExactly("remove");
    }

    @Test
    void findsNoTriggerInCodeInAddressesInCommentsOrInOtherWords() {
        assertThat(triggers("- Call `remove()`")).isEmpty();
        assertThat(triggers("```\nremove\n```")).isEmpty();
        assertThat(triggers("    remove\n")).isEmpty();
        assertThat(triggers("- See [this](https://example.org/breaking)")).isEmpty();
        assertThat(triggers("- See <https://example.org/breaking>")).isEmpty();
        assertThat(triggers("- See https://example.org/breaking-changes")).isEmpty();
        assertThat(triggers("- See [this][policy]\n\n[policy]: https://example.org/rename"))
                .isEmpty();
        assertThat(triggers("<!-- breaking -->\n\n- x")).isEmpty();
        assertThat(triggers("- x <b class=\"policy\">y</b>")).isEmpty();
        assertThat(triggers("- A non-breaking change for policyholders; outbreaking"))
                .isEmpty();
    }

    @Test
    void findsLabelsAsTitlesAndAtTheBeginningOfLinesAlone() {
        assertThat(triggers("- **Migration:** run it")).containsExactly("Migration");
        assertThat(triggers("- **Migration**: run it")).containsExactly("Migration");
        assertThat(triggers("- [Migration] run it")).containsExactly("Migration");
        assertThat(triggers("- (migration) run it")).containsExactly("Migration");
        assertThat(triggers("- Database migration: run it")).containsExactly("Migration");
        assertThat(triggers("Action required: run it")).containsExactly("Action required");
        assertThat(triggers("### Action required\n- run it")).containsExactly("Action required");
        assertThat(triggers("### Migration guide\n- run it")).containsExactly("Migration");
        assertThat(triggers("- the migration runs by itself")).isEmpty();
        assertThat(triggers("- no action is required")).isEmpty();
        assertThat(triggers("- a small remark on what the migration does: it runs"))
                .isEmpty();
    }

    @Test
    void findsTheSameInNotesThatAreGivenSectionBySection() {
        assertThat(Triggers.notes(Map.of(Section.CHANGED, List.of("`remove()` is quicker")), POLICY)
                        .triggers())
                .isEmpty();
        assertThat(Triggers.notes(Map.of(Section.CHANGED, List.of("**Migration:** x", "# Policy")), POLICY)
                        .triggers())
                .containsExactlyInAnyOrder("Migration", "policy");
        assertThat(Triggers.notes(Map.of(Section.BREAKING, List.of("x")), POLICY)
                        .triggers())
                .containsExactlyInAnyOrder("Breaking", "breaking");
        assertThat(Triggers.notes(Map.of(Section.BREAKING, List.of()), POLICY).triggers())
                .isEmpty();
        assertThat(Triggers.notes(Map.of(Section.ACTION_REQUIRED, List.of("x")), POLICY)
                        .triggers())
                .containsExactly("Action required");
    }

    @Test
    void asksForNothingWhereTheProductAsksForNothing() {
        assertThat(edition(WHOLE, "2.0.0")
                        .notes(new NotesPolicy(Set.of(), Set.of(), false, false, ""))
                        .triggers())
                .isEmpty();
    }

    @Test
    void takesAnyTextForAChangelogWithoutVersions() {
        for (String text : List.of("", "\n\n", "# Changelog", "## 1.0", "## 1.0.0.0", "**", "[a]: b", "- - -\n- 1\n")) {
            assertThat(Changelog.parse(text).editions()).as(text).isEmpty();
        }
        assertThat(
                        Changelog.parse("1.0.0\n=====\nx\n\n# [1.0.0-rc.1](https://x) (2025-12-24)\r\n\r\n* y\r\n")
                                .editions()
                                .stream()
                                .map(e -> e.version() + " " + e.date().isPresent()))
                .containsExactly("1.0.0 false", "1.0.0-rc.1 true");
    }

    private static Set<String> triggers(String text) {
        return notes("## 1.0.0\n\n" + text + "\n", "1.0.0").triggers();
    }

    private static Release.Notes notes(String text, String version) {
        return edition(text, version).notes(POLICY);
    }

    private static Edition edition(String text, String version) {
        List<Edition> found = Changelog.parse(text).editions(Version.of(version));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }
}
