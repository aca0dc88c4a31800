package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Policies.Stops;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The way over a product's versions. */
class PathTest {
    private static final int CASES = Integer.getInteger("upkeep.search.cases", 2000) * 10;

    @Test
    void goesInOneHopWhereTheProductStopsNowhere() {
        assertThat(path("1.0.0", "2.3.0", Stops.NONE, "1.0.0", "1.1.0", "2.0.0", "2.3.0"))
                .isEqualTo(way("2.3.0"));
    }

    @Test
    void stopsAtTheLatestPatchOfEveryMinorItCrosses() {
        assertThat(path(
                        "1.0.0",
                        "1.3.0",
                        Stops.EVERY_MINOR,
                        "1.0.0",
                        "1.0.9",
                        "1.1.0",
                        "1.1.4",
                        "1.2.0",
                        "1.3.0",
                        "1.3.1"))
                .isEqualTo(way("1.1.4", "1.2.0", "1.3.0"));
    }

    @Test
    void crossesAMajorFromItsLastMinorToTheFirstOfTheNext() {
        assertThat(path("1.1.0", "2.1.0", Stops.EVERY_MINOR, "1.1.0", "1.2.5", "2.0.0", "2.0.3", "2.1.0"))
                .isEqualTo(way("1.2.5", "2.0.3", "2.1.0"));
    }

    @Test
    void goesStraightToATargetInTheFirstLineOfTheNextMajor() {
        assertThat(path("1.2.5", "2.0.1", Stops.EVERY_MINOR, "1.2.5", "2.0.1", "2.0.3"))
                .isEqualTo(way("2.0.1"));
    }

    @Test
    void stopsOnlyAtTheLastMinorOfEachMajor() {
        assertThat(path(
                        "1.0.0",
                        "3.1.0",
                        Stops.LAST_MINOR_OF_MAJOR,
                        "1.0.0",
                        "1.1.0",
                        "1.4.2",
                        "2.0.0",
                        "2.7.1",
                        "3.0.0",
                        "3.1.0"))
                .isEqualTo(way("1.4.2", "2.7.1", "3.1.0"));
        assertThat(path("1.4.0", "2.0.0", Stops.LAST_MINOR_OF_MAJOR, "1.4.0", "1.4.2", "2.0.0"))
                .as("it is there already, in whatever patch")
                .isEqualTo(way("2.0.0"));
    }

    @Test
    void doesNotJumpOverARequiredStop() {
        Path path = Path.of(
                v("1.0.0"),
                v("1.9.0"),
                releases("1.0.0", "1.5.0", "1.5.3", "1.9.0"),
                Stops.NONE,
                List.of(v("1.5.0"), v("2.0.0"), v("0.9.0")),
                Optional.empty());

        assertThat(path).isEqualTo(way("1.5.0", "1.9.0"));
    }

    @Test
    void neverStopsAtAPreReleaseThatNobodyAskedFor() {
        assertThat(path("1.0.0", "1.2.0", Stops.EVERY_MINOR, "1.0.0", "1.1.0", "1.1.1-rc.1", "1.2.0"))
                .isEqualTo(way("1.1.0", "1.2.0"));
        assertThat(path("1.0.0", "1.1.0-rc.1", Stops.EVERY_MINOR, "1.0.0", "1.1.0-rc.1"))
                .isEqualTo(way("1.1.0-rc.1"));
    }

    @Test
    void takesATenantFromBelowTheFloorUpToIt() {
        Releases releases = releases("5.0.0", "5.1.0", "6.0.0");

        assertThat(Path.of(v("5.0.0"), v("6.0.0"), releases, Stops.EVERY_MINOR, List.of(), Optional.of(v("6.0.0"))))
                .isEqualTo(way("5.1.0", "6.0.0"));
        assertThat(reasons(Path.of(v("5.0.0"), v("5.1.0"), releases, Stops.NONE, List.of(), Optional.of(v("6.0.0")))))
                .singleElement()
                .asString()
                .contains("5.1.0 is below 6.0.0");
    }

    @Test
    void namesEveryReasonWhyThereIsNoWay() {
        Releases releases = recalled(releases("1.0.0", "1.2.0", "1.5.0", "2.1.0", "2.3.0"), "1.5.0", "2.1.0", "2.3.0");

        List<String> reasons = reasons(Path.of(
                v("1.0.0"),
                v("2.3.0"),
                releases,
                Stops.EVERY_MINOR,
                List.of(v("1.7.0"), v("2.1.0")),
                Optional.of(v("3.0.0"))));

        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        "the target: release 2.3.0 was recalled by ada: it loses notes",
                        "the target 2.3.0 is below 3.0.0, the lowest version that this product may be taken to",
                        "a required stop: release 1.7.0 is not published",
                        "a required stop: release 2.1.0 was recalled by ada: it loses notes",
                        "no release of 1.1 is published, and no minor may be left out",
                        "no release of 1.3 to 1.4 is published, and no minor may be left out",
                        "every release of 1.5 was recalled, and it can't be left out",
                        "no release of 2.0 is published, and no minor may be left out",
                        "every release of 2.1 was recalled, and it can't be left out",
                        "no release of 2.2 is published, and no minor may be left out");
    }

    @Test
    void goesNowhereButUp() {
        assertThat(reasons(path("1.1.0", "1.0.0", Stops.NONE, "1.0.0", "1.1.0")))
                .singleElement()
                .asString()
                .contains("not above it");
    }

    @Test
    void findsTheWayThatTryingEveryWayFindsOrProvesThatThereIsNone() {
        for (long seed = 0; seed < CASES; seed++) {
            Case random = Case.of(new Random(seed));

            Path found = Path.of(
                    random.from(),
                    random.target(),
                    random.releases(),
                    random.stops(),
                    random.required(),
                    random.floor());

            Optional<List<Version>> oracle = new Oracle(random).best();
            switch (found) {
                case Path.Way way ->
                    assertThat(Optional.of(way.stops()))
                            .as("seed " + seed + ": " + random)
                            .isEqualTo(oracle);
                case Path.NoWay none ->
                    assertThat(oracle)
                            .as("seed " + seed + ": " + random + " although " + none.reasons())
                            .isEmpty();
            }
        }
    }

    private record Case(
            Version from,
            Version target,
            Releases releases,
            Stops stops,
            List<Version> required,
            Optional<Version> floor) {
        static Case of(Random random) {
            Set<Version> published = new HashSet<>();
            int size = 1 + random.nextInt(10);
            for (int i = 0; i < size; i++) {
                published.add(version(random, true));
            }
            Map<Version, Recall> recalled = new HashMap<>();
            for (Version version : published) {
                if (random.nextInt(5) == 0) {
                    recalled.put(version, recall(version));
                }
            }
            List<Version> any = published.stream().sorted().toList();
            List<Version> required = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                required.add(random.nextInt(6) == 0 ? version(random, false) : any.get(random.nextInt(any.size())));
            }
            return new Case(
                    random.nextInt(4) == 0 ? version(random, true) : any.get(random.nextInt(any.size())),
                    random.nextInt(8) == 0 ? version(random, true) : any.get(random.nextInt(any.size())),
                    new Releases(any.stream().map(Samples::release).toList(), recalled),
                    Stops.values()[random.nextInt(Stops.values().length)],
                    required,
                    random.nextInt(4) == 0 ? Optional.of(version(random, false)) : Optional.empty());
        }

        private static Version version(Random random, boolean pre) {
            return new Version(
                    random.nextInt(3),
                    random.nextInt(4),
                    random.nextInt(3),
                    pre && random.nextInt(10) == 0 ? "rc.1" : "",
                    "");
        }
    }

    /** Tries every way, by the rules for a single hop; it knows nothing of lines that are walked along. */
    private record Oracle(Case of) {
        Optional<List<Version>> best() {
            if (of.floor().filter(floor -> of.target().compareTo(floor) < 0).isPresent()
                    || of.required().stream().anyMatch(stop -> between(of.from(), stop, of.target()) && !open(stop))) {
                return Optional.empty();
            }
            return ways(of.from())
                    .min(Comparator.<List<Version>>comparingInt(List::size).thenComparing((a, b) -> {
                        for (int i = 0; i < a.size(); i++) {
                            int order = b.get(i).compareTo(a.get(i));
                            if (order != 0) {
                                return order;
                            }
                        }
                        return 0;
                    }));
        }

        private Stream<List<Version>> ways(Version at) {
            return of.releases().published().stream()
                    .map(Release::version)
                    .filter(next -> next.equals(of.target())
                            || (between(of.from(), next, of.target())
                                    && (next.preRelease().isEmpty()
                                            || of.required().contains(next))))
                    .filter(next -> open(next) && next.compareTo(at) > 0 && isHop(at, next))
                    .flatMap(next -> next.equals(of.target())
                            ? Stream.of(List.of(next))
                            : ways(next)
                                    .map(rest -> Stream.concat(Stream.of(next), rest.stream())
                                            .toList()));
        }

        private boolean open(Version version) {
            return of.releases().find(version).isPresent()
                    && of.releases().recall(version).isEmpty();
        }

        private boolean isHop(Version a, Version b) {
            return of.required().stream().noneMatch(stop -> between(a, stop, b))
                    && switch (of.stops()) {
                        case NONE -> true;
                        case EVERY_MINOR ->
                            (a.major() == b.major() && b.minor() - a.minor() <= 1)
                                    || (b.major() == a.major() + 1 && b.minor() == 0 && isLastMinor(a));
                        case LAST_MINOR_OF_MAJOR ->
                            a.major() == b.major()
                                    || (isLastMinor(a)
                                            && lines().noneMatch(v -> v.major() > a.major() && v.major() < b.major()));
                    };
        }

        private boolean isLastMinor(Version version) {
            return lines().noneMatch(v -> v.major() == version.major() && v.minor() > version.minor());
        }

        /** The minor lines that there are; a pre-release makes none. */
        private Stream<Version> lines() {
            return of.releases().published().stream()
                    .map(Release::version)
                    .filter(v -> v.preRelease().isEmpty());
        }

        private static boolean between(Version a, Version v, Version b) {
            return a.compareTo(v) < 0 && v.compareTo(b) < 0;
        }
    }

    private static Path path(String from, String target, Stops stops, String... published) {
        return Path.of(v(from), v(target), releases(published), stops, List.of(), Optional.empty());
    }

    private static Path way(String... stops) {
        return new Path.Way(Stream.of(stops).map(Version::of).toList());
    }

    private static List<String> reasons(Path path) {
        return switch (path) {
            case Path.Way way -> throw new AssertionError("there is a way: " + way);
            case Path.NoWay none -> none.reasons();
        };
    }

    private static Releases releases(String... versions) {
        return Releases.of(
                Stream.of(versions).map(Version::of).map(Samples::release).toList());
    }

    private static Releases recalled(Releases releases, String... versions) {
        Map<Version, Recall> recalled = new HashMap<>();
        Stream.of(versions).map(Version::of).forEach(v -> recalled.put(v, recall(v)));
        return new Releases(releases.published(), recalled);
    }

    private static Recall recall(Version version) {
        return new Recall(version, "ada", "it loses notes", false, Instant.EPOCH);
    }

    private static Version v(String version) {
        return Version.of(version);
    }
}
