package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** One search for a {@link Path}: from milestone to milestone, over the minor lines between them. */
final class Walk {
    private final Version from;
    private final Version target;
    private final Releases releases;
    private final Policies.Stops stops;
    private final Collection<Version> required;
    private final Optional<Version> floor;
    /** The published versions by major and minor; pre-releases make no line. */
    private final NavigableMap<Integer, NavigableMap<Integer, List<Version>>> lines = new TreeMap<>();

    private final List<Version> hops = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();

    Walk(
            Version from,
            Version target,
            Releases releases,
            Policies.Stops stops,
            Collection<Version> required,
            Optional<Version> floor) {
        this.from = from;
        this.target = target;
        this.releases = releases;
        this.stops = stops;
        this.required = required;
        this.floor = floor;
        for (Release release : releases.published()) {
            Version v = release.version();
            if (v.preRelease().isEmpty()) {
                lines.computeIfAbsent(v.major(), m -> new TreeMap<>())
                        .computeIfAbsent(v.minor(), m -> new ArrayList<>())
                        .add(v);
            }
        }
    }

    Path walk() {
        if (target.compareTo(from) <= 0) {
            reasons.add("the tenant has " + from + " already, and " + target + " is not above it");
        }
        unfit(target).ifPresent(why -> reasons.add("the target: " + why));
        floor.filter(lowest -> target.compareTo(lowest) < 0)
                .ifPresent(lowest -> reasons.add("the target " + target + " is below " + lowest
                        + ", the lowest version that this product may be taken to"));
        if (target.compareTo(from) > 0) {
            Version at = from;
            for (Version milestone : milestones()) {
                cross(at, milestone);
                hops.add(milestone);
                at = milestone;
            }
        }
        return reasons.isEmpty() ? new Path.Way(hops) : new Path.NoWay(reasons);
    }

    /** The required stops on the way that can be stopped at, and the target. */
    private List<Version> milestones() {
        List<Version> milestones = new ArrayList<>();
        for (Version stop : new TreeSet<>(required)) {
            if (stop.compareTo(from) > 0 && stop.compareTo(target) < 0) {
                Optional<String> unfit = unfit(stop);
                if (unfit.isPresent()) {
                    reasons.add("a required stop: " + unfit.get());
                } else {
                    milestones.add(stop);
                }
            }
        }
        milestones.add(target);
        return milestones;
    }

    private Optional<String> unfit(Version version) {
        if (releases.recall(version).isPresent()) {
            return releases.recall(version).map(Recall::told);
        }
        return releases.find(version).isEmpty()
                ? Optional.of("release " + version + " is not published")
                : Optional.empty();
    }

    private void cross(Version at, Version goal) {
        switch (stops) {
            case NONE -> {}
            case EVERY_MINOR -> everyMinor(at, goal);
            case LAST_MINOR_OF_MAJOR -> lastMinors(at, goal);
        }
    }

    private void everyMinor(Version at, Version goal) {
        if (at.major() == goal.major()) {
            minors(at.major(), at.minor() + 1, goal.minor() - 1);
            return;
        }
        minors(at.major(), at.minor() + 1, lastMinor(at.major()));
        int expected = at.major() + 1;
        for (int major : lines.subMap(expected, goal.major()).keySet()) {
            majorsAreMissing(expected, major - 1);
            minors(major, 0, lastMinor(major));
            expected = major + 1;
        }
        majorsAreMissing(expected, goal.major() - 1);
        minors(goal.major(), 0, goal.minor() - 1);
    }

    /** Stops in each minor line of a major from one to another, both included; none if they are the wrong way round. */
    private void minors(int major, int first, int last) {
        if (first > last) {
            return;
        }
        int expected = first;
        for (int minor : lines.getOrDefault(major, new TreeMap<>())
                .subMap(first, true, last, true)
                .keySet()) {
            minorsAreMissing(major, expected, minor - 1);
            stopIn(major, minor);
            expected = minor + 1;
        }
        minorsAreMissing(major, expected, last);
    }

    private void minorsAreMissing(int major, int first, int last) {
        if (first <= last) {
            reasons.add("no release of " + major + "." + first + (first < last ? " to " + major + "." + last : "")
                    + " is published, and no minor may be left out");
        }
    }

    private void majorsAreMissing(int first, int last) {
        if (first <= last) {
            reasons.add("no release of " + first + ".0" + (first < last ? " to " + last + ".0" : "")
                    + " is published, and no minor may be left out");
        }
    }

    /** A major of which nothing is published has no last minor, and is no stop. */
    private void lastMinors(Version at, Version goal) {
        for (int major : lines.subMap(at.major(), goal.major()).keySet()) {
            if (major > at.major() || at.minor() < lastMinor(major)) {
                stopIn(major, lastMinor(major));
            }
        }
    }

    /** The last minor of a major that was ever published; -1 if none was. */
    private int lastMinor(int major) {
        NavigableMap<Integer, List<Version>> minors = lines.get(major);
        return minors == null ? -1 : minors.lastKey();
    }

    private void stopIn(int major, int minor) {
        Optional<Version> latest = lines.getOrDefault(major, new TreeMap<>()).getOrDefault(minor, List.of()).stream()
                .filter(releases::offers)
                .max(Comparator.naturalOrder());
        if (latest.isPresent()) {
            hops.add(latest.get());
        } else {
            reasons.add("every release of " + major + "." + minor + " was recalled, and it can't be left out");
        }
    }
}
