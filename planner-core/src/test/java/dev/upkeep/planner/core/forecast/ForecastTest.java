package dev.upkeep.planner.core.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rollouts in virtual time, against figures worked out by hand and against a simulation that steps tenant by tenant. */
class ForecastTest {
    private static final Instant MONDAY = Instant.parse("2026-03-02T10:00:00Z");
    private static final RingName EARLY = new RingName("early");
    private static final RingName GENERAL = new RingName("general");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration HALF_HOUR = Duration.ofMinutes(30);

    @Test
    void opensARingWhenTheOneBeforeHasEndedAndSoaked() {
        Forecast forecast = new Forecast(List.of(ring(EARLY, 1), ring(GENERAL, 2)), MONDAY, false);
        forecast.add(tenant(1), EARLY, plain(HOUR));
        forecast.add(tenant(2), EARLY, plain(HOUR));
        for (int i = 3; i <= 7; i++) {
            forecast.add(tenant(i), GENERAL, plain(HOUR));
        }

        Outlook outlook = forecast.run();

        // Two one after the other, a day of soak; then five, two at a time.
        Outlook.Ring early = outlook.rings().getFirst();
        Outlook.Ring general = outlook.rings().getLast();
        assertThat(early.finishes()).contains(MONDAY.plus(Duration.ofHours(2)));
        assertThat(general.opens()).contains(MONDAY.plus(Duration.ofHours(26)));
        assertThat(general.half()).contains(MONDAY.plus(Duration.ofHours(28)));
        assertThat(general.most()).contains(MONDAY.plus(Duration.ofHours(29)));
        assertThat(general.finishes()).contains(MONDAY.plus(Duration.ofHours(29)));
        assertThat(outlook.blocked()).isEmpty();
    }

    @Test
    void waitsForABlockedTenantOrLeavesItOut() {
        for (boolean leaveOut : List.of(false, true)) {
            Forecast forecast = new Forecast(List.of(ring(EARLY, 1), ring(GENERAL, 1)), MONDAY, leaveOut);
            forecast.add(tenant(1), EARLY, plain(HOUR));
            forecast.addBlocked(tenant(2), EARLY, List.of(never("majorIsConsented"), never("pathExists")));
            forecast.add(tenant(3), GENERAL, plain(HOUR));

            Outlook outlook = forecast.run();

            Outlook.Ring early = outlook.rings().getFirst();
            Outlook.Ring general = outlook.rings().getLast();
            assertThat(early.done()).isEqualTo(1);
            assertThat(early.blocked()).isEqualTo(1);
            assertThat(early.finishes().isPresent()).isEqualTo(leaveOut);
            assertThat(general.opens().isPresent()).isEqualTo(leaveOut);
            assertThat(general.because()).isEqualTo(leaveOut ? "" : "ring early does not finish");
            assertThat(outlook.blocked().stream().map(Outlook.Barred::rule))
                    .containsExactly("majorIsConsented", "pathExists");
            assertThat(outlook.blocked().getFirst().examples().getFirst().tenant())
                    .isEqualTo(tenant(2));
        }
    }

    @Test
    void startsNobodyWhoseWindowClosedWhileItWaitedForASlot() {
        // Open from 22 to 24 h each day: two of three fit one after the other, the third goes the next night.
        Entrant nightly = new Timed(List.of(daily(22, 2)), HOUR, List.of());
        Forecast forecast = new Forecast(List.of(ring(GENERAL, 1)), MONDAY, false);
        for (int i = 1; i <= 3; i++) {
            forecast.add(tenant(i), GENERAL, nightly);
        }

        assertThat(forecast.run().rings().getFirst().finishes()).contains(Instant.parse("2026-03-03T23:00:00Z"));
    }

    @Test
    void letsATenantFollowItsStageWithinARingAndAcrossRings() {
        for (RingName ring : List.of(EARLY, GENERAL)) {
            Forecast forecast = new Forecast(List.of(ring(EARLY, 5), ring(GENERAL, 5)), MONDAY, false);
            forecast.add(tenant(1), EARLY, plain(HOUR));
            forecast.add(tenant(2), ring, new Staged(tenant(1)));

            Outlook outlook = forecast.run();

            // In its ring it must have run for a day; a ring later, the soak of a day is that day.
            assertThat(outlook.rings().get(ring.equals(EARLY) ? 0 : 1).finishes())
                    .contains(MONDAY.plus(Duration.ofHours(26)));
            assertThat(outlook.blocked()).isEmpty();
        }
    }

    @Test
    void saysThatATenantIsBarredWhoseStageComesAfterIt() {
        Forecast forecast = new Forecast(List.of(ring(EARLY, 5), ring(GENERAL, 5)), MONDAY, false);
        forecast.add(tenant(1), GENERAL, plain(HOUR));
        forecast.add(tenant(2), EARLY, new Staged(tenant(1)));

        Outlook outlook = forecast.run();

        assertThat(outlook.rings().getFirst().blocked()).isEqualTo(1);
        assertThat(outlook.blocked().getFirst().rule()).isEqualTo("stagedFirst");
    }

    @Test
    void countsAsLateWhoWouldStartOnlyInAYearOrMore() {
        Instant far = MONDAY.plus(Duration.ofDays(400));
        Forecast forecast = new Forecast(List.of(ring(GENERAL, 5)), MONDAY, false);
        forecast.add(tenant(1), GENERAL, new Timed(List.of(new Stretch(far, far.plus(HOUR))), HOUR, List.of()));
        forecast.add(tenant(2), GENERAL, plain(HOUR));

        Outlook.Ring ring = forecast.run().rings().getFirst();

        assertThat(ring.late()).isEqualTo(1);
        assertThat(ring.done()).isEqualTo(1);
        assertThat(ring.finishes()).isEmpty();
    }

    /** Any small fleet gives the same as the simulation that knows no kinds and no queue. */
    @Test
    void goesAsTheNaiveSimulationGoes() {
        int cases = Integer.getInteger("upkeep.search.cases", 2000);
        int different = 0;
        for (long seed = 1; seed <= cases; seed++) {
            Random random = new Random(seed);
            List<Product.Ring> rings = List.of(
                    new Product.Ring(EARLY, Duration.ofHours(random.nextInt(30)), 1 + random.nextInt(3), 0),
                    new Product.Ring(GENERAL, Duration.ofHours(random.nextInt(30)), 1 + random.nextInt(3), 0));
            List<Entrant> kinds = new ArrayList<>();
            for (int k = 0; k < 1 + random.nextInt(4); k++) {
                kinds.add(entrant(random, k));
            }
            boolean leaveOut = random.nextBoolean();
            Forecast forecast = new Forecast(rings, MONDAY, leaveOut);
            Naive naive = new Naive(rings, leaveOut);
            for (int t = 1; t <= random.nextInt(12); t++) {
                RingName ring = random.nextInt(3) == 0 ? EARLY : GENERAL;
                if (random.nextInt(12) == 0) {
                    forecast.addBlocked(tenant(t), ring, List.of(never("majorIsConsented")));
                    naive.addBlocked(tenant(t), ring);
                } else {
                    Entrant entrant = kinds.get(random.nextInt(kinds.size()));
                    forecast.add(tenant(t), ring, entrant);
                    naive.add(tenant(t), ring, entrant);
                }
            }

            List<Outlook.Ring> outlook = forecast.run().rings();

            assertThat(outlook.stream().map(ForecastTest::told).toList())
                    .as("seed " + seed)
                    .isEqualTo(naive.run());
            different += outlook.getLast().done() > 1 ? 1 : 0;
        }
        assertThat(different).as("fleets in which something happened").isGreaterThan(cases / 3);
    }

    @Test
    void takesOneHundredThousandTenantsInSeconds() {
        Forecast forecast = new Forecast(List.of(ring(EARLY, 50), ring(GENERAL, 400)), MONDAY, true);
        Random random = new Random(7);
        List<Entrant> kinds = new ArrayList<>();
        for (int k = 0; k < 500; k++) {
            kinds.add(new Timed(
                    List.of(daily(random.nextInt(24), 2 + random.nextInt(6))),
                    Duration.ofMinutes(20 + random.nextInt(60)),
                    List.of()));
        }
        for (int t = 1; t <= 100_000; t++) {
            forecast.add(tenant(t), t <= 2_000 ? EARLY : GENERAL, kinds.get(random.nextInt(kinds.size())));
        }

        long began = System.nanoTime();
        Outlook outlook = forecast.run();
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertThat(outlook.rings().getLast().done()).isEqualTo(98_000);
        assertThat(took).isLessThan(Duration.ofSeconds(20));
    }

    // ---- entrants

    private record Stretch(Instant from, Instant to) {
        boolean contains(Instant at) {
            return !at.isBefore(from) && at.isBefore(to);
        }
    }

    /** A stretch each day for as long as anybody looks ahead. */
    private static Stretch daily(int hour, int hours) {
        Instant first = Instant.parse(String.format(Locale.ROOT, "1970-01-01T%02d:00:00Z", hour));
        return new Stretch(first, first.plus(Duration.ofHours(hours)));
    }

    /** May start in its windows (daily ones if they lie in 1970) and not in its freezes. */
    private record Timed(List<Stretch> windows, Duration takes, List<Stretch> freezes) implements Entrant {
        @Override
        public List<Blocker> blockers(Instant now, Done done) {
            List<Blocker> blockers = new ArrayList<>();
            if (!windows.isEmpty()
                    && windows.stream().noneMatch(w -> moved(w, now).contains(now))) {
                windows.stream()
                        .map(w -> nextStart(w, now))
                        .filter(start -> start.isAfter(now))
                        .min(Instant::compareTo)
                        .ifPresentOrElse(
                                start -> blockers.add(new Blocker("insideWindow", "shut", Optional.of(start))),
                                () -> blockers.add(never("insideWindow")));
            }
            freezes.stream()
                    .filter(f -> f.contains(now))
                    .forEach(f -> blockers.add(new Blocker("noFreeze", "frozen", Optional.of(f.to()))));
            return blockers;
        }

        private static Stretch moved(Stretch window, Instant now) {
            if (window.from().getEpochSecond() >= 86_400) {
                return window;
            }
            Duration days = Duration.ofDays(now.getEpochSecond() / 86_400);
            Stretch today = new Stretch(window.from().plus(days), window.to().plus(days));
            return today.from().isAfter(now)
                    ? new Stretch(
                            today.from().minus(Duration.ofDays(1)), today.to().minus(Duration.ofDays(1)))
                    : today;
        }

        private static Instant nextStart(Stretch window, Instant now) {
            return window.from().getEpochSecond() >= 86_400
                    ? window.from()
                    : moved(window, now).from().plus(Duration.ofDays(1));
        }

        @Override
        public List<TenantId> waitsFor() {
            return List.of();
        }
    }

    /** May start once another has run the version for a day. */
    private record Staged(TenantId stage) implements Entrant {
        @Override
        public List<Blocker> blockers(Instant now, Done done) {
            Optional<Instant> over = done.at(stage).map(at -> at.plus(Duration.ofDays(1)));
            return over.filter(end -> !now.isBefore(end)).isPresent()
                    ? List.of()
                    : List.of(new Blocker("stagedFirst", "not staged", over));
        }

        @Override
        public Duration takes() {
            return HOUR;
        }

        @Override
        public List<TenantId> waitsFor() {
            return List.of(stage);
        }
    }

    private static Entrant plain(Duration takes) {
        return new Timed(List.of(), takes, List.of());
    }

    private static Entrant entrant(Random random, int number) {
        List<Stretch> windows = new ArrayList<>();
        for (int i = 0; i < random.nextInt(3); i++) {
            windows.add(
                    random.nextInt(6) == 0
                            ? new Stretch(
                                    MONDAY.plus(Duration.ofDays(random.nextInt(500))),
                                    MONDAY.plus(Duration.ofDays(501)))
                            : daily(random.nextInt(24), 1 + random.nextInt(5)));
        }
        List<Stretch> freezes = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            Instant from = MONDAY.plus(Duration.ofHours(random.nextInt(100)));
            freezes.add(new Stretch(from, from.plus(Duration.ofHours(1 + random.nextInt(100)))));
        }
        // The number keeps two kinds apart that would be alike.
        return new Timed(windows, HALF_HOUR.multipliedBy(1 + random.nextInt(10) + 10L * number), freezes);
    }

    private static Blocker never(String rule) {
        return new Blocker(rule, "nobody knows when", Optional.empty());
    }

    private static Product.Ring ring(RingName name, int concurrency) {
        return new Product.Ring(name, Duration.ofDays(1), concurrency, 0);
    }

    private static TenantId tenant(int number) {
        return new TenantId(String.format(Locale.ROOT, "t-%06d", number));
    }

    private static String told(Outlook.Ring ring) {
        return ring.name() + ": " + ring.done() + " done, " + ring.blocked() + " blocked, " + ring.late()
                + " late, opens "
                + ring.opens().map(Instant::toString).orElse("-") + ", finishes "
                + ring.finishes().map(Instant::toString).orElse("-");
    }

    /** The same rollout, one tenant at a time and all of them looked through for each start. */
    private static final class Naive {
        private final List<Product.Ring> rings;
        private final boolean leaveOut;
        private final Map<RingName, Map<TenantId, Entrant>> tenants = new HashMap<>();
        private final Map<RingName, Integer> blocked = new HashMap<>();

        Naive(List<Product.Ring> rings, boolean leaveOut) {
            this.rings = rings;
            this.leaveOut = leaveOut;
            rings.forEach(ring ->
                    tenants.put(ring.name(), new TreeMap<>((a, b) -> a.value().compareTo(b.value()))));
        }

        void add(TenantId tenant, RingName ring, Entrant entrant) {
            tenants.getOrDefault(ring, Map.of()).put(tenant, entrant);
        }

        void addBlocked(TenantId tenant, RingName ring) {
            assertThat(tenant).isNotNull();
            blocked.merge(ring, 1, Integer::sum);
        }

        List<String> run() {
            List<String> told = new ArrayList<>();
            Instant opens = MONDAY;
            for (Product.Ring ring : rings) {
                Map<TenantId, Entrant> left = new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
                left.putAll(tenants.getOrDefault(ring.name(), Map.of()));
                int barred = blocked.getOrDefault(ring.name(), 0);
                boolean isEmpty = left.isEmpty() && (barred == 0 || leaveOut);
                if (isEmpty || opens == null) {
                    told.add(told(ring.name(), 0, barred, 0, null, null));
                    continue;
                }
                Map<TenantId, Instant> since = new HashMap<>();
                List<Instant> slots = new ArrayList<>();
                List<Instant> ends = new ArrayList<>();
                int late = 0;
                Instant until = MONDAY.plus(Forecast.FAR);
                while (!left.isEmpty()) {
                    TenantId first = null;
                    for (TenantId tenant : List.copyOf(left.keySet())) {
                        Entrant entrant = left.get(tenant);
                        if (!since.containsKey(tenant)) {
                            Instant chance = chance(entrant, opens, until);
                            if (chance == null || chance.isAfter(until)) {
                                left.remove(tenant);
                                barred += chance == null ? 1 : 0;
                                late += chance == null ? 0 : 1;
                                continue;
                            }
                            since.put(tenant, chance);
                        }
                        if (first == null || since.get(tenant).isBefore(since.get(first))) {
                            first = tenant;
                        }
                    }
                    if (first == null) {
                        break;
                    }
                    Instant now = since.get(first);
                    slots.sort(Instant::compareTo);
                    if (slots.size() == ring.concurrency() && slots.getFirst().isAfter(now)) {
                        now = slots.getFirst();
                    }
                    Instant chance = chance(left.get(first), now, until);
                    if (chance == null || chance.isAfter(until)) {
                        left.remove(first);
                        barred += chance == null ? 1 : 0;
                        late += chance == null ? 0 : 1;
                    } else if (chance.isAfter(now)) {
                        since.put(first, chance);
                    } else {
                        if (slots.size() == ring.concurrency()) {
                            slots.removeFirst();
                        }
                        Instant end = now.plus(left.remove(first).takes());
                        slots.add(end);
                        if (end.isAfter(until)) {
                            late++;
                        } else {
                            ends.add(end);
                        }
                    }
                }
                ends.sort(Instant::compareTo);
                boolean waits = late > 0 || (barred > 0 && !leaveOut);
                Instant finishes = waits || ends.isEmpty() ? null : ends.getLast();
                told.add(told(ring.name(), ends.size(), barred, late, opens, finishes));
                opens = finishes != null ? finishes.plus(ring.soak()) : waits ? null : opens.plus(ring.soak());
            }
            return told;
        }

        /** Step by step, however long that takes; everything here happens on the half-hour. */
        private static Instant chance(Entrant entrant, Instant at, Instant until) {
            Instant now = at;
            while (!now.isAfter(until)) {
                List<Blocker> blockers = entrant.blockers(now, tenant -> Optional.empty());
                if (blockers.isEmpty()) {
                    return now;
                }
                if (blockers.stream().anyMatch(b -> b.until().isEmpty())) {
                    return null;
                }
                now = now.plus(HALF_HOUR);
            }
            return now;
        }

        private static String told(RingName name, int done, int barred, int late, Instant opens, Instant finishes) {
            return name + ": " + done + " done, " + barred + " blocked, " + late + " late, opens "
                    + (opens == null ? "-" : opens) + ", finishes " + (finishes == null ? "-" : finishes);
        }
    }
}
