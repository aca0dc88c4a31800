package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The plans by which tenants leave a recalled release. */
class RecallingTest {
    private static final Migration REVERSIBLE = new Migration("2", true, true);
    private static final Migration IRREVERSIBLE = new Migration("3", false, true);

    @Test
    void goesBackInPlaceWhereNoMigrationWasCrossed() {
        Plan plan = plan(Samples.product(), Samples.release(Samples.V110));

        assertThat(words(plan.forward()))
                .containsExactly(
                        "check-capacity",
                        "check-schema",
                        "baseline",
                        "backup-database",
                        "prove-backup",
                        "park-traffic",
                        "drain",
                        "stop",
                        "fetch-artifact",
                        "start",
                        "verify-shut",
                        "open-traffic",
                        "verify-open",
                        "end-capture");
        assertThat(plan.from()).isEqualTo(Samples.V110);
        assertThat(plan.to()).isEqualTo(Samples.V100);
        assertThat(actions(plan)).contains(new Action.Start(Samples.V100, Moment.BEFORE));
    }

    @Test
    void revertsExactlyWhatLiesBetweenBetweenStopAndStart() {
        Plan plan = plan(Samples.product(), Samples.release(Samples.V110, REVERSIBLE));

        List<String> words = words(plan.forward());
        assertThat(words.subList(words.indexOf("stop"), words.indexOf("start") + 1))
                .containsExactly("stop", "revert-migrations", "fetch-artifact", "start");
        assertThat(actions(plan))
                .contains(
                        new Action.RevertMigrations(List.of("2")),
                        new Action.Start(Samples.V100, Moment.AFTER),
                        new Action.VerifyShut(Samples.V100, Moment.AFTER),
                        new Action.VerifyOpen(Samples.V100, Duration.ofSeconds(10)));
        assertThat(plan.forward().stream().map(s -> s.id().value())).doesNotHaveDuplicates();
    }

    @Test
    void hasUndoRoutesOfItsOwnToTheReleaseThatItLeaves() {
        Plan plan = plan(Samples.product(), Samples.release(Samples.V110, REVERSIBLE));

        assertThat(plan.undo())
                .containsOnlyKeys(Route.NOTHING, Route.CLOSING, Route.READING, Route.UNCHANGED, Route.IRREVERSIBLE);
        assertThat(plan.undo().get(Route.IRREVERSIBLE))
                .extracting(Step::action)
                .contains(new Action.RestoreDatabase(), new Action.Start(Samples.V110, Moment.BEFORE));
    }

    @Test
    void hasNoWayWhereAMigrationCantBeReverted() {
        assertThat(reasons(Samples.product(), Samples.release(Samples.V110, REVERSIBLE, IRREVERSIBLE)))
                .singleElement()
                .asString()
                .contains("migrations [3] can't be reverted without losing data")
                .contains("it no longer holds what was written since");
    }

    @Test
    void hasNoWayWhereTheProductSupportsOnlyToRestore() {
        Product.Meaning restore = Product.Meaning.simple(true, false, Duration.ZERO, Product.Undo.RESTORE);
        Product product = Samples.product(Samples.WHOLE, restore, Samples.rings(1, 0));

        assertThat(reasons(product, Samples.release(Samples.V110)))
                .singleElement()
                .asString()
                .contains("no other way back than to restore a backup");
    }

    @Test
    void hasNoWayWhereATaskHasRunOrASettingHasLostItsOldForm() {
        Release plain = Samples.release(Samples.V110);
        Release release = new Release(
                plain.product(),
                plain.version(),
                plain.artifacts(),
                plain.stamps(),
                plain.migrations(),
                plain.costs(),
                List.of(
                        new Release.SettingChange("OLD", Samples.APP, Release.SettingChange.Fate.RENAMED, "NEW", ""),
                        new Release.SettingChange("MORE", Samples.APP, Release.SettingChange.Fate.NEW, "", "")),
                plain.changes(),
                plain.deprecations(),
                plain.removals(),
                List.of(new Release.Task("rotate-key", Samples.APP, "the algorithm changed")),
                plain.advisories(),
                plain.thirdParty(),
                plain.definitions(),
                plain.needsWindow(),
                plain.guide(),
                plain.notes());
        Product product = Samples.product(withTasks(), Samples.meaning(), Samples.rings(1, 0));

        assertThat(reasons(product, release))
                .hasSize(2)
                .anySatisfy(r -> assertThat(r).contains("task rotate-key of app has run"))
                .anySatisfy(r -> assertThat(r).contains("setting OLD of app was renamed"));
    }

    private static List<String> withTasks() {
        List<String> steps = new java.util.ArrayList<>(Samples.WHOLE);
        steps.add(steps.indexOf("end-capture database"), "run-tasks app");
        return steps;
    }

    @Test
    void goesBackToWhereTheTenantCameFromOrElseToTheHighestBelowThatIsFit() {
        Version v111 = Version.of("1.1.1");
        List<Release> all = List.of(
                Samples.release(Samples.V100),
                Samples.release(Samples.V110),
                Samples.release(v111),
                Samples.release(Version.of("1.2.0-rc.1")),
                Samples.release(Samples.V120));
        Releases releases = Releases.of(all);
        Releases without111 =
                new Releases(all, Map.of(v111, new Recall(v111, "ada", "it loses notes", false, Instant.EPOCH)));
        Product product = Samples.product();
        Product floored = Samples.with(product, Policies.Stops.NONE, List.of(), Optional.of(Samples.V110));

        assertThat(Recalling.target(product, releases, Samples.V120, Optional.of(Samples.V100)))
                .contains(Samples.V100);
        assertThat(Recalling.target(product, releases, Samples.V120, Optional.empty()))
                .as("never a pre-release")
                .contains(v111);
        assertThat(Recalling.target(product, without111, Samples.V120, Optional.of(v111)))
                .as("what it came from was recalled, too")
                .contains(Samples.V110);
        assertThat(Recalling.target(product, releases, Samples.V120, Optional.of(Samples.V130)))
                .as("it came from above, by a recall")
                .contains(v111);
        assertThat(Recalling.target(floored, releases, Samples.V120, Optional.of(Samples.V100)))
                .as("below the floor")
                .contains(v111);
        assertThat(Recalling.target(product, releases, Samples.V100, Optional.empty()))
                .isEmpty();
    }

    @Test
    void goesNowhereThatWasRecalledAndFromNothingThatIsNotPublished() {
        Releases releases = new Releases(
                List.of(Samples.release(Samples.V100), Samples.release(Samples.V110)),
                Map.of(Samples.V100, new Recall(Samples.V100, "ada", "it loses notes", false, Instant.EPOCH)));

        assertThat(reasons(Recalling.plan(Samples.product(), on(Samples.V110), releases, Samples.V100, Map.of())))
                .containsExactly("release 1.0.0 was recalled by ada: it loses notes");
        assertThat(reasons(Recalling.plan(
                        Samples.product(),
                        on(Samples.V120),
                        Releases.of(releases.published()),
                        Samples.V100,
                        Map.of())))
                .containsExactly("release 1.2.0 of sample is not published");
        assertThat(reasons(Recalling.plan(
                        Samples.product(),
                        on(Samples.V100),
                        Releases.of(releases.published()),
                        Samples.V110,
                        Map.of())))
                .containsExactly("the tenant runs 1.0.0, and 1.1.0 is not below it");
    }

    @Test
    void crossesEverythingBetweenWhereItSkipsARecalledRelease() {
        Releases releases = Releases.of(List.of(
                Samples.release(Samples.V100),
                Samples.release(Samples.V110, REVERSIBLE),
                Samples.release(Samples.V120, new Migration("4", true, true))));

        Plan plan = Samples.plan(Recalling.plan(Samples.product(), on(Samples.V120), releases, Samples.V100, Map.of()));

        assertThat(actions(plan)).contains(new Action.RevertMigrations(List.of("2", "4")));
    }

    private static Plan plan(Product product, Release release) {
        return Samples.plan(planned(product, release));
    }

    private static List<String> reasons(Product product, Release release) {
        return reasons(planned(product, release));
    }

    private static List<String> reasons(Planning.Planned planned) {
        return switch (planned) {
            case Planning.Planned.Way way -> throw new AssertionError("there is a way: " + way);
            case Planning.Planned.NoWay none -> none.reasons();
        };
    }

    private static Planning.Planned planned(Product product, Release release) {
        return Recalling.plan(
                product,
                on(release.version()),
                Releases.of(List.of(Samples.release(Samples.V100), release)),
                Samples.V100,
                Map.of());
    }

    private static Tenant on(Version version) {
        return Samples.tenant("acme", "staging", version);
    }

    private static List<Action> actions(Plan plan) {
        return plan.forward().stream().map(Step::action).toList();
    }

    private static List<String> words(List<Step> steps) {
        return steps.stream().map(s -> s.action().word()).toList();
    }
}
