package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Planning.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How a tenant leaves a release that it was confirmed on: a way of its own that goes back in place, because the backup
 * from before no longer holds what was written since.
 *
 * <p>It is made of the hop that it takes back: what that hop prepared and protected is prepared and protected again, then
 * comes its way back, then its judgement under traffic. It has undo routes of its own, to the release that it leaves.
 */
public final class Recalling {
    private static final String LOST =
            "; the backup from before the upgrade could be restored, but it no longer holds what"
                    + " was written since: a person must decide";
    /** After these, a setting may be there no more as the version before knows it. */
    private static final Set<Release.SettingChange.Fate> LOSES_THE_OLD_FORM = Set.of(
            Release.SettingChange.Fate.RENAMED,
            Release.SettingChange.Fate.REMOVED,
            Release.SettingChange.Fate.PARSED_OTHERWISE);

    private final Plan hop;
    private final Crossed crossed;
    private final Wiring wiring;
    private final Set<ComponentName> foreign;

    /**
     * The taking back of a hop.
     *
     * @param crossed what it brought
     * @param foreign the components that somebody else carries
     */
    Recalling(Plan hop, Crossed crossed, Wiring wiring, Set<ComponentName> foreign) {
        this.hop = hop;
        this.crossed = crossed;
        this.wiring = wiring;
        this.foreign = foreign;
    }

    /**
     * Where a tenant goes back to: the version that it came from, or else the highest below that nobody recalled.
     *
     * @param previous what the tenant's last confirmed hop began on
     */
    public static Optional<Version> target(
            Product product, Releases releases, Version runs, Optional<Version> previous) {
        Predicate<Version> fits = v -> v.compareTo(runs) < 0
                && releases.offers(v)
                && product.policies().versioning().floor().stream().allMatch(floor -> v.compareTo(floor) >= 0);
        return previous.filter(fits)
                .or(() -> releases.published().stream()
                        .map(Release::version)
                        .filter(v -> v.preRelease().isEmpty())
                        .filter(fits)
                        .max(Comparator.naturalOrder()));
    }

    /**
     * The plan that takes a tenant back from what it runs, or why there is none.
     *
     * @param peers by component, what the tenant that stands for it runs
     */
    public static Planned plan(
            Product product, Tenant tenant, Releases releases, Version back, Map<ComponentName, Version> peers) {
        Version runs = tenant.version();
        if (back.compareTo(runs) >= 0) {
            return new Planned.NoWay(List.of("the tenant runs " + runs + ", and " + back + " is not below it"));
        }
        if (!releases.offers(back) || releases.find(runs).isEmpty()) {
            Version missing = releases.offers(back) ? runs : back;
            return new Planned.NoWay(List.of(releases.recall(missing)
                    .map(Recall::told)
                    .orElse("release " + missing + " of " + product.name() + " is not published")));
        }
        return switch (Planning.back(product, tenant, releases.published(), back, peers)) {
            case Planned.Way way -> way;
            case Planned.NoWay none ->
                new Planned.NoWay(none.reasons().stream()
                        .map(reason -> "going back from " + runs + " to " + back + ": " + reason)
                        .toList());
        };
    }

    Planned plan() {
        List<String> reasons = whyNot();
        if (!reasons.isEmpty()) {
            return new Planned.NoWay(reasons);
        }
        List<Step> forward = numbered(forward());
        List<String> unsafe = new ArrayList<>(Lint.unopened(forward));
        unsafe.addAll(Lint.unresumed(forward));
        if (reverts()) {
            unsafe.addAll(Lint.needsOfTheWayBack(forward));
        }
        return unsafe.isEmpty() ? new Planned.Way(plan(forward)) : new Planned.NoWay(unsafe);
    }

    private boolean reverts() {
        return !hop.migrations().isEmpty();
    }

    /** Every reason why the hop can't be taken back in place. */
    private List<String> whyNot() {
        List<String> reasons = new ArrayList<>();
        if (hop.undoing() == Product.Undo.RESTORE) {
            reasons.add("the product supports no other way back than to restore a backup" + LOST);
        }
        List<String> irreversible = hop.migrations().stream()
                .filter(m -> !m.reversible())
                .map(Migration::id)
                .toList();
        if (!irreversible.isEmpty()) {
            reasons.add("migrations " + irreversible + " can't be reverted without losing data" + LOST);
        }
        if (reverts() && onlyTheLastIsReverted()) {
            reasons.add("only the last migration can be reverted, and there are "
                    + hop.migrations().size() + LOST);
        }
        crossed.tasks()
                .forEach(task -> reasons.add(
                        "task " + task.name() + " of " + task.component() + " has run, and nothing takes it back"));
        crossed.settings().stream()
                .filter(s -> LOSES_THE_OLD_FORM.contains(s.fate()))
                .forEach(s -> reasons.add("setting " + s.name() + " of " + s.component() + " was "
                        + s.fate().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                        + ", and nobody can tell what the version before would need"));
        if (back().stream().noneMatch(s -> s.starts().isPresent())) {
            reasons.add("the procedure names nothing that could put the version before back" + LOST);
        }
        if (startsBeforeItReverts()) {
            reasons.add(
                    "what the database runs in goes back, too, and can't do so with a schema that must be reverted");
        }
        return reasons;
    }

    private boolean onlyTheLastIsReverted() {
        return hop.migrations().size() > 1
                && back().stream()
                        .filter(s -> s.action() instanceof Action.RevertMigrations)
                        .anyMatch(s -> Targets.revertsOnlyTheLast(hop.target(s.component())));
    }

    private boolean startsBeforeItReverts() {
        List<Step> back = back();
        return reverts()
                && back.stream()
                        .takeWhile(s -> !(s.action() instanceof Action.RevertMigrations))
                        .anyMatch(s -> s.starts().isPresent());
    }

    /** The hop's own way back, but for what it recovers from what it had kept: that is older than what is there now. */
    private List<Step> back() {
        Route route = reverts() ? Route.REVERSIBLE : Route.UNCHANGED;
        List<String> ids = hop.migrations().stream().map(Migration::id).toList();
        return hop.route(route, hop.forward().size(), ids).stream()
                .filter(s -> !(s.action() instanceof Action.Recover) || s.action() instanceof Action.RevertMigrations)
                .toList();
    }

    private List<Step> forward() {
        List<Step> forward = new ArrayList<>();
        for (Step step : hop.forward()) {
            if (step.disturbs()) {
                break;
            }
            boolean protects = step.action() instanceof Action.Protect && !(step.action() instanceof Action.EndCapture);
            if (protects || isStillAsked(step.action())) {
                forward.add(step);
            }
        }
        List<Step> back = back();
        back.stream()
                .filter(s -> !(s.action() instanceof Action.EndCapture))
                .map(s -> with(s, reverts() ? onWhatRevertsGive(s.action()) : s.action()))
                .forEach(forward::add);
        for (Step step : hop.forward()) {
            if (step.action() instanceof Action.VerifyOpen open) {
                forward.add(with(step, new Action.VerifyOpen(hop.from(), open.span())));
            }
        }
        back.stream().filter(s -> s.action() instanceof Action.EndCapture).forEach(forward::add);
        return forward;
    }

    /** What the release that is left asked of settings and third parties is nothing to the one before. */
    private static boolean isStillAsked(Action action) {
        return action instanceof Action.Prepare
                && !(action instanceof Action.CheckSettings)
                && !(action instanceof Action.CheckCompatibility);
    }

    // A version that is below the one left runs on the schema that is found after the reverts, which is this hop's
    // after.
    private static Action onWhatRevertsGive(Action action) {
        return switch (action) {
            case Action.Start a -> new Action.Start(a.version(), Moment.AFTER);
            case Action.Redeploy a -> new Action.Redeploy(a.version(), Moment.AFTER);
            case Action.VerifyShut a -> new Action.VerifyShut(a.version(), Moment.AFTER);
            case Action a -> a;
        };
    }

    private Plan plan(List<Step> forward) {
        Outline of = hop.outline();
        // Where a schema is reverted nothing goes on beside it.
        Product.Style style =
                reverts() && of.style() == Product.Style.ROLLING ? Product.Style.STOP_AND_START : of.style();
        return new Plan(
                hop.product(),
                hop.to(),
                hop.from(),
                Product.Undo.AS_FOUND,
                forward,
                new Undoing(forward, hop.to(), deadlines(), style, false, wiring, foreign).routes(),
                hop.targets(),
                hop.migrations(),
                hop.probes(),
                hop.watches(),
                new Outline(style, of.downtime(), false, List.of(), List.of(), of.following()));
    }

    private static Step with(Step step, Action action) {
        return new Step(step.id(), action, step.component(), step.uses(), step.deadline());
    }

    private static List<Step> numbered(List<Step> steps) {
        List<Step> numbered = new ArrayList<>();
        for (Step step : steps) {
            String place = String.format(Locale.ROOT, "%02d", numbered.size() + 1);
            numbered.add(new Step(
                    Drafting.id(place, step.action(), step.component()),
                    step.action(),
                    step.component(),
                    step.uses(),
                    step.deadline()));
        }
        return List.copyOf(numbered);
    }

    private Map<String, Duration> deadlines() {
        Map<String, Duration> deadlines = new HashMap<>();
        hop.undo()
                .values()
                .forEach(steps -> steps.forEach(s -> deadlines.put(s.action().word(), s.deadline())));
        hop.forward().forEach(s -> deadlines.put(s.action().word(), s.deadline()));
        return deadlines;
    }
}
