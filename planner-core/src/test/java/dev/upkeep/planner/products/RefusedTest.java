package dev.upkeep.planner.products;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.ReleaseRules;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each product's good samples are taken, and each bad one is refused for the reason that its comment states. */
class RefusedTest {
    @TestFactory
    Stream<DynamicTest> refusesEachBadSampleForItsReason() {
        return Shelf.products().stream().flatMap(name -> {
            Shelf shelf = Shelf.of(name);
            return shelf.refused().stream()
                    .map(file -> DynamicTest.dynamicTest(name + " " + file.getFileName(), () -> {
                        String text = Files.readString(file);
                        String why = comment(text, "refused").orElseThrow();

                        assertThat(problems(shelf, text)).anyMatch(problem -> problem.contains(why));
                    }));
        });
    }

    @Test
    void publishesEachGoodReleaseAfterThoseBeforeIt() {
        for (String name : Shelf.products()) {
            Shelf shelf = Shelf.of(name);
            List<Release> before = new ArrayList<>();
            for (Release release : shelf.releases()) {
                assertThat(ReleaseRules.contradictions(shelf.product(), release, before))
                        .as(name + " " + release.version())
                        .isEmpty();
                before.add(release);
            }
        }
    }

    @Test
    void hasSamplesOfEveryProduct() {
        for (String name : Shelf.products()) {
            Shelf shelf = Shelf.of(name);
            // Nobody states rules for these two: one is our own sample, the other is as its makers publish it.
            if (!Set.of("inkwell", "apicurio-registry").contains(name)) {
                assertThat(shelf.releases()).as(name).hasSizeGreaterThan(2);
                assertThat(shelf.tenants()).as(name).isNotEmpty();
            }
        }
    }

    /** All that is wrong with a document, by its rules' names and in words. */
    private static List<String> problems(Shelf shelf, String text) throws IOException {
        try {
            JsonNode tree = Text.tree(text, true);
            return tree.has("tenant")
                    ? ofTenant(shelf, TenantDocument.read(tree, shelf.product()), text)
                    : ofRelease(shelf, ReleaseDocument.read(tree, shelf.product()), text);
        } catch (Refused refused) {
            return refused.problems().stream()
                    .map(p -> p.rule() + " " + p.detail())
                    .toList();
        }
    }

    private static List<String> ofRelease(Shelf shelf, Release release, String text) {
        List<String> problems =
                new ArrayList<>(ReleaseRules.contradictions(shelf.product(), release, shelf.releases()).stream()
                        .map(c -> c.rule() + " " + c.what())
                        .toList());
        comment(text, "from").ifPresent(from -> {
            List<Release> all = new ArrayList<>(shelf.releases());
            all.add(release);
            Tenant tenant = shelf.tenants().getFirst().on(Version.of(from));
            problems.addAll(
                    reasons(Planning.plan(shelf.product(), tenant, all, release.version(), shelf.peers(tenant))));
        });
        return problems;
    }

    private static List<String> ofTenant(Shelf shelf, Tenant tenant, String text) {
        return comment(text, "plan")
                .map(to -> reasons(
                        Planning.plan(shelf.product(), tenant, shelf.releases(), Version.of(to), shelf.peers(tenant))))
                .orElse(List.of());
    }

    private static List<String> reasons(Planning.Planned planned) {
        return switch (planned) {
            case Planning.Planned.Way way -> List.of();
            case Planning.Planned.NoWay none -> none.reasons();
        };
    }

    private static Optional<String> comment(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith("# " + key + ": "))
                .map(line -> line.substring(key.length() + 4))
                .findFirst();
    }
}
