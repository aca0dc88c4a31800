package dev.upkeep.planner.core;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A product with its releases and a few tenants, as a seed makes them. */
final class Fleet {
    static final List<Version> VERSIONS =
            List.of(Samples.V100, Samples.V110, Version.of("1.1.1"), Samples.V120, Samples.V130);
    private static final List<String> MISORDERED = List.of(
            "check-schema database",
            "backup-database database",
            "park-traffic gate",
            "stop app",
            "prove-backup database",
            "start app",
            "verify-shut app",
            "open-traffic gate");
    private static final List<String> BARE = List.of("stop app", "start app");
    private static final List<String> ASKING =
            List.of("ask app", "park-traffic gate", "stop app", "start app", "verify-shut app", "open-traffic gate");

    private final Random random;
    final Paperwork paperwork;
    final Product product;
    final List<Release> releases;
    final Map<TenantId, Tenant> tenants = new LinkedHashMap<>();
    final Map<TenantId, World> worlds = new HashMap<>();
    private final Map<TenantId, Said> said = new HashMap<>();

    Fleet(long seed, Random random) {
        this.random = random;
        this.paperwork = new Paperwork(seed);
        Product.Meaning meaning = Product.Meaning.simple(
                true,
                random.nextInt(6) == 0,
                random.nextInt(6) == 0 ? Duration.ofMinutes(5) : Duration.ZERO,
                random.nextInt(6) == 0 ? Product.Undo.RESTORE : Product.Undo.AS_FOUND);
        int variant = random.nextInt(10);
        List<String> steps = variant == 0 ? MISORDERED : variant == 1 ? BARE : variant == 2 ? ASKING : whole(seed);
        boolean restores = steps.contains("prove-backup database");
        Product made = Samples.product(
                steps,
                restores
                        ? meaning
                        : Product.Meaning.simple(true, meaning.consent(), meaning.notice(), Product.Undo.AS_FOUND),
                Samples.rings(1 + random.nextInt(3), random.nextInt(3)));
        this.product = Samples.with(
                // A schema can only be probed where one is read.
                paperwork.product(steps.contains("check-schema database") ? made : withoutProbes(made)),
                Policies.Stops.values()[random.nextInt(3)],
                random.nextInt(4) == 0 ? List.of(Samples.V110) : List.of(),
                Optional.empty());
        boolean migrates = variant > 2 && random.nextInt(4) > 0;
        List<Release> published = new ArrayList<>();
        for (Version version : VERSIONS) {
            published.add(paperwork.release(
                    Samples.release(version, migrations(version.toString(), migrates && !published.isEmpty()))));
        }
        this.releases = List.copyOf(published);
        int size = 1 + random.nextInt(6);
        for (int i = 0; i < size; i++) {
            add("t" + i, i == 0 ? "staging" : i == 1 ? "canary" : "general");
        }
    }

    /** Drawn apart, so that what else a seed makes does not hang on it. */
    private static List<String> whole(long seed) {
        return new Random(seed ^ 0x5eedL).nextInt(3) == 0 ? Samples.GUARDED : Samples.WHOLE;
    }

    private static Product withoutProbes(Product made) {
        return new Product(
                made.name(),
                made.components(),
                made.bumps(),
                made.procedures(),
                List.of(),
                List.of(),
                made.rings(),
                made.policies());
    }

    private void add(String name, String ring) {
        Tenant plain = Samples.tenant(name, ring, random.nextInt(6) == 0 ? Samples.V110 : Samples.V100);
        Tenant tenant = new Tenant(
                plain.id(),
                plain.account(),
                plain.product(),
                plain.version(),
                plain.model(),
                plain.ring(),
                plain.zone(),
                random.nextInt(5) == 0 ? List.of(window()) : List.of(),
                random.nextInt(5) == 0 ? List.of(freeze()) : List.of(),
                Map.of(),
                plain.site());
        said.put(tenant.id(), random.nextInt(4) > 0 ? consenting(Set.copyOf(VERSIONS)) : Said.NOTHING);
        paperwork.draw(tenant, said(tenant));
        tenants.put(tenant.id(), tenant);
        World world = new World(tenant.version(), releases);
        world.revertsLeaveARest = random.nextInt(4) == 0;
        worlds.put(tenant.id(), world);
    }

    /** The tenant is frozen from one instant to another, and in no other freeze any more. */
    void freeze(TenantId id, Instant from, Instant to) {
        Tenant t = tenant(id);
        keep(t, t.windows(), List.of(new Tenant.Freeze(from, to, "something happened", Set.of())));
    }

    /** The tenant's only window is closed from one instant to another, each day. */
    void close(TenantId id, Instant from, Instant to) {
        Tenant t = tenant(id);
        LocalTime opens = to.atZone(ZoneOffset.UTC).toLocalTime();
        keep(t, List.of(daily(opens, Duration.ofDays(1).minus(Duration.between(from, to)))), t.freezes());
    }

    private void keep(Tenant t, List<Window> windows, List<Tenant.Freeze> freezes) {
        tenants.put(
                t.id(),
                new Tenant(
                        t.id(),
                        t.account(),
                        t.product(),
                        t.version(),
                        t.model(),
                        t.ring(),
                        t.zone(),
                        windows,
                        freezes,
                        t.settings(),
                        t.site()));
    }

    Said said(Tenant tenant) {
        return said.getOrDefault(tenant.id(), Said.NOTHING);
    }

    World world(TenantId tenant) {
        World world = worlds.get(tenant);
        if (world == null) {
            throw new AssertionError("there is no tenant " + tenant);
        }
        return world;
    }

    Tenant tenant(TenantId id) {
        Tenant tenant = tenants.get(id);
        if (tenant == null) {
            throw new AssertionError("there is no tenant " + id);
        }
        return tenant;
    }

    private static Said consenting(Set<Version> majors) {
        return new Said(
                majors.stream().map(v -> new Line(v.toString())).collect(Collectors.toSet()),
                Set.of(),
                Map.of(),
                Set.of(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    /** Closed at first, or for ten minutes later, or for half of every hour: so that a hop, or its first change, may find it closed. */
    private Window window() {
        if (random.nextBoolean()) {
            return daily(LocalTime.of(10, 4), Duration.ofMinutes(24 * 60 - 5));
        }
        int late = random.nextInt(1500);
        return late % 3 == 0
                ? daily(LocalTime.of(10, 10).plusSeconds(20L + late % 300), Duration.ofMinutes(24 * 60 - 10))
                : new Window(
                        "FREQ=DAILY;BYHOUR="
                                + IntStream.range(0, 24)
                                        .mapToObj(Integer::toString)
                                        .collect(Collectors.joining(",")),
                        LocalDate.parse("2026-02-01")
                                .atTime(LocalTime.of(9, 45))
                                .plusSeconds(late),
                        Duration.ofMinutes(30),
                        ZoneOffset.UTC);
    }

    private static Window daily(LocalTime opens, Duration length) {
        return new Window("FREQ=DAILY", LocalDate.parse("2026-02-01").atTime(opens), length, ZoneOffset.UTC);
    }

    private Tenant.Freeze freeze() {
        int from = random.nextBoolean() ? 0 : random.nextInt(300);
        return new Tenant.Freeze(
                Samples.START.plusSeconds(from), Samples.START.plusSeconds(from + 300L), "quarter's end", Set.of());
    }

    private Migration[] migrations(String version, boolean any) {
        int count = any && random.nextInt(4) > 0 ? 1 + random.nextInt(2) : 0;
        Migration[] made = new Migration[count];
        for (int i = 0; i < count; i++) {
            made[i] = new Migration(version + "-" + i, random.nextInt(3) > 0, random.nextInt(4) > 0);
        }
        return made;
    }
}
