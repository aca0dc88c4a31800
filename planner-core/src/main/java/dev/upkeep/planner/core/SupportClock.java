package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Until when each line of versions is supported, from what the product promises and when its releases came out. A day is
 * a day in UTC, and an end is the first day without support.
 *
 * <p>Where the product promises something for the previous minor, lines of one minor follow each other; where it
 * promises something for the previous major only, all minors of a major stand and fall together. Where it promises
 * nothing, nothing is known to end.
 */
public final class SupportClock {
    private static final Comparator<Promise> BY_END =
            Comparator.comparing(promise -> promise.until().orElse(LocalDate.MAX));

    private final NavigableMap<Number, List<Published>> lines = new TreeMap<>();
    private final Policies.Support support;

    private SupportClock(Policies.Support support, List<Published> releases) {
        this.support = support;
        releases.forEach(release -> lines.merge(
                Number.of(release.version()),
                List.of(release),
                (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
    }

    /** What is done for a line. */
    public enum Standing {
        /** All fixes. */
        SUPPORTED,
        /** Security fixes only. */
        SECURITY_ONLY,
        /** Nothing any more. */
        ENDED,
        /** Nothing yet: only pre-releases of it are out. */
        NOT_OUT,
        /** The product does not say. */
        UNSTATED;

        /** The word in answers, such as {@code security-only}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A line's number, such as 1.4. */
    public record Number(int major, int minor) implements Comparable<Number> {
        /** That of the line that a version belongs to. */
        public static Number of(Version version) {
            return new Number(version.major(), version.minor());
        }

        @Override
        public int compareTo(Number other) {
            return Comparator.comparingInt(Number::major)
                    .thenComparingInt(Number::minor)
                    .compare(this, other);
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    /**
     * A line of versions.
     *
     * @param latest its newest version
     * @param since when its first one came out
     * @param until the first day without support, where one is fixed
     * @param because what that rests on, for a person
     */
    public record Line(
            Number number,
            Version latest,
            LocalDate since,
            Standing standing,
            Optional<LocalDate> until,
            String because) {
        public Line {
            Objects.requireNonNull(number, "number");
            Objects.requireNonNull(latest, "latest");
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(standing, "standing");
            Objects.requireNonNull(until, "until");
            Objects.requireNonNull(because, "because");
        }

        /** Whether its support ends after a day and no later than another one. */
        public boolean endsWithin(LocalDate today, LocalDate last) {
            return standing != Standing.ENDED
                    && until.filter(end -> end.isAfter(today) && !end.isAfter(last))
                            .isPresent();
        }
    }

    /**
     * The lines of a product, the newest first.
     *
     * @param releases in any order
     */
    public static List<Line> lines(Policies.Support support, List<Published> releases, Instant now) {
        SupportClock clock = new SupportClock(support, releases);
        LocalDate today = day(now);
        return clock.lines.descendingKeySet().stream()
                .map(number -> clock.line(number, today))
                .toList();
    }

    private Line line(Number number, LocalDate today) {
        List<Published> releases = lines.getOrDefault(number, List.of());
        Version latest = releases.stream()
                .map(Published::version)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        LocalDate since = releases.stream()
                .map(r -> day(r.at()))
                .min(Comparator.naturalOrder())
                .orElseThrow();
        if (cameOut(number).isEmpty()) {
            return new Line(number, latest, since, Standing.NOT_OUT, Optional.empty(), "only pre-releases are out");
        }
        if (support.previousMajor().isEmpty() && support.previousMinor().isEmpty()) {
            return new Line(
                    number, latest, since, Standing.UNSTATED, Optional.empty(), "the product promises no support");
        }
        List<Promise> promises = promises(number);
        if (promises.isEmpty()) {
            return new Line(number, latest, since, Standing.SUPPORTED, Optional.empty(), "nothing newer is out");
        }
        Promise longest = promises.stream().max(BY_END).orElseThrow();
        Standing standing =
                longest.until().filter(until -> !today.isBefore(until)).isPresent()
                        ? Standing.ENDED
                        : Standing.SECURITY_ONLY;
        return new Line(number, latest, since, standing, longest.until(), longest.because());
    }

    /** What is promised for a line that is not the newest; none while it is. */
    private List<Promise> promises(Number number) {
        Optional<Number> nextLine = nextOut(number);
        if (nextLine.isEmpty()) {
            return List.of();
        }
        boolean isLastOfMajor = nextLine.get().major() != number.major();
        List<Promise> promises = new ArrayList<>();
        support.previousMinor()
                .ifPresent(term -> promises.add(promise(
                        nextLine.get().toString(),
                        cameOut(nextLine.get()),
                        term,
                        nextOut(nextLine.get()).flatMap(this::cameOut))));
        Optional<Integer> nextMajor = nextMajor(number.major());
        if (nextMajor.isPresent() && (isLastOfMajor || support.previousMinor().isEmpty())) {
            support.previousMajor()
                    .ifPresent(term -> promises.add(promise(
                            nextMajor.get().toString(),
                            majorCameOut(nextMajor.get()),
                            term,
                            nextMajor(nextMajor.get()).flatMap(this::majorCameOut))));
        }
        return promises;
    }

    /** One that ends at {@code until}, or, if that is empty, at an event that has not come. */
    private record Promise(Optional<LocalDate> until, String because) {}

    private static Promise promise(
            String successor, Optional<LocalDate> cameOut, Policies.Term term, Optional<LocalDate> afterNext) {
        LocalDate from = cameOut.orElseThrow();
        String told = successor + " came out on " + from + ", and ";
        return term.period()
                .map(period -> new Promise(Optional.of(from.plus(period)), told + period + " are promised from there"))
                .orElseGet(() -> new Promise(afterNext, told + "it stands until what follows that one comes out"));
    }

    private Optional<Number> nextOut(Number after) {
        return lines.tailMap(after, false).keySet().stream()
                .filter(number -> cameOut(number).isPresent())
                .findFirst();
    }

    private Optional<Integer> nextMajor(int after) {
        return lines.keySet().stream()
                .filter(number -> number.major() > after && cameOut(number).isPresent())
                .map(Number::major)
                .findFirst();
    }

    private Optional<LocalDate> majorCameOut(int major) {
        return lines.keySet().stream()
                .filter(number -> number.major() == major)
                .flatMap(number -> cameOut(number).stream())
                .min(Comparator.naturalOrder());
    }

    /** When the line's first release that is no pre-release came out. */
    private Optional<LocalDate> cameOut(Number number) {
        return lines.getOrDefault(number, List.of()).stream()
                .filter(release -> release.version().preRelease().isEmpty())
                .map(release -> day(release.at()))
                .min(Comparator.naturalOrder());
    }

    /** The day of an instant, in UTC. */
    public static LocalDate day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate();
    }
}
