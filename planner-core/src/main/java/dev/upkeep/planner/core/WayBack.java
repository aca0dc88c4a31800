package dev.upkeep.planner.core;

import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.planner.core.State.Backward;
import dev.upkeep.planner.core.State.Cause;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The way back of the hop under way, to the version that it began on: the part of {@link Course} that undoes. */
final class WayBack {
    private final Course course;

    WayBack(Course course) {
        this.course = course;
    }

    /**
     * Turns back.
     *
     * @param asked how many steps of the way forward were asked for
     */
    void undo(int asked, Cause cause) {
        Plan plan = course.plan();
        course.say("undoing", new UpgradeUndoing(course.here(), cause.reason(), cause.because()));
        course.note("upgrade-undoing", "", "goes back to " + plan.from() + ": " + cause.reason(), Map.of());
        if (!plan.disturbedAfter(asked)) {
            take(Route.NOTHING, asked, List.of(), cause);
        } else if (plan.undo().containsKey(Route.READING) && course.facts().containsKey(Fact.SCHEMA_BEFORE)) {
            take(Route.READING, asked, List.of(), cause);
        } else {
            // Without a schema that was read before, no migration was let out: the previous version fits what is there.
            boolean restore = plan.undoing() == Product.Undo.RESTORE && isBackupProven();
            take(restore ? Route.IRREVERSIBLE : Route.UNCHANGED, asked, List.of(), cause);
        }
    }

    /** Lets go what was parked and captured, where nothing was changed. */
    void letGo(int asked, Cause cause) {
        take(Route.NOTHING, asked, List.of(), cause);
    }

    /** A route has been gone to its end. */
    void arrived(Backward at) {
        if (at.route() == Route.READING) {
            chooseRoute(at);
        } else {
            isBack(at.route(), at.cause());
        }
    }

    private void isBack(Route route, Cause cause) {
        // Where the schema was found changed, it was changed by somebody else, and put back: that is no mere delay.
        boolean isAsItWas = route == Route.NOTHING || route == Route.UNCHANGED;
        if (cause.isForLater() && isAsItWas) {
            course.postpone(cause.reason());
        } else {
            rolledBack(route, cause);
        }
    }

    private void chooseRoute(Backward reading) {
        Found found = Found.choose(course.plan(), course.facts());
        course.note(
                "route-chosen",
                "",
                "way back: " + found.route().word() + ", because " + found.because(),
                Map.of("route", found.route().word(), "ran", String.join(",", found.ran())));
        if (found.route() == Route.IRREVERSIBLE && !isBackupProven()) {
            course.hold(
                    reading,
                    "the database must be restored, because " + found.because() + ", but there is no proven backup",
                    List.of(Way.RETRY));
            return;
        }
        take(found.route(), reading.asked(), found.ran(), reading.cause());
    }

    private boolean isBackupProven() {
        return course.plan().restores() && "true".equals(course.facts().get(Fact.BACKUP_PROVEN));
    }

    private void take(Route route, int asked, List<String> reverting, Cause cause) {
        if (course.plan().route(route, asked, reverting).isEmpty()) {
            isBack(route, cause);
        } else {
            course.ask(new Backward(route, 0, new Try.Unasked(0, 0), asked, reverting, cause));
        }
    }

    /** It runs the version again that the hop began on; the hops before it stay done. */
    void rolledBack(Route route, Cause cause) {
        course.become(new State.RolledBack(route, cause));
        Map<String, String> told = new HashMap<>();
        course.facts().forEach((name, value) -> {
            if (name.startsWith("gap.") || name.startsWith("backup.")) {
                told.put(name, value);
            }
        });
        told.put("route", route.word());
        course.say("rolled-back", new UpgradeRolledBack(course.here(), cause.reason(), cause.because(), told));
        course.note("upgrade-rolled-back", "", "runs " + course.plan().from() + " again: " + cause.reason(), told);
    }
}
