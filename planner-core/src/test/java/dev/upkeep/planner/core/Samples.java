package dev.upkeep.planner.core;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A small product with a database, a service and a gate, and what goes with it. */
final class Samples {
    static final ProductName PRODUCT = new ProductName("sample");
    static final Version V100 = Version.of("1.0.0");
    static final Version V110 = Version.of("1.1.0");
    static final Version V120 = Version.of("1.2.0");
    static final Instant START = Instant.parse("2026-03-02T10:00:00Z");
    static final ComponentName DATABASE = new ComponentName("database");
    static final ComponentName SCHEMA = new ComponentName("schema");
    static final ComponentName APP = new ComponentName("app");
    static final ComponentName GATE = new ComponentName("gate");
    static final Version V130 = Version.of("1.3.0");

    static final List<String> WHOLE = List.of(
            "check-capacity database",
            "check-schema database",
            "baseline app",
            "backup-database database",
            "prove-backup database",
            "fetch-artifact app",
            "park-traffic gate",
            "drain gate",
            "stop app",
            "migrate schema",
            "start app",
            "verify-shut app",
            "open-traffic gate",
            "verify-open app",
            "end-capture database");

    /** The same with work that is paused, configuration that is kept and a key that is kept. */
    static final List<String> GUARDED = List.of(
            "check-capacity database",
            "check-schema database",
            "baseline app",
            "backup-database database",
            "prove-backup database",
            "backup-configuration app",
            "snapshot-key app",
            "fetch-artifact app",
            "pause-work app",
            "park-traffic gate",
            "drain gate",
            "stop app",
            "migrate schema",
            "start app",
            "verify-shut app",
            "open-traffic gate",
            "resume-work app",
            "verify-open app",
            "end-capture database");

    private Samples() {}

    static Product product(List<String> steps, Product.Meaning meaning, List<Product.Ring> rings) {
        return new Product(
                PRODUCT,
                List.of(
                        component(DATABASE, "postgresql", Map.of()),
                        component(SCHEMA, "migrate", Map.of("database", DATABASE, "artifact", APP)),
                        component(APP, "process", Map.of("database", DATABASE)),
                        component(GATE, "gate", Map.of())),
                Map.of(Bump.PATCH, meaning, Bump.MINOR, meaning, Bump.MAJOR, meaning),
                List.of(new Product.Procedure(
                        Set.of(Model.SAAS),
                        Set.of(Bump.values()),
                        List.of(),
                        Product.Style.STOP_AND_START,
                        false,
                        Duration.ZERO,
                        List.of(),
                        steps.stream().map(Samples::template).toList(),
                        Map.of())),
                List.of(
                        new Product.ProbeTemplate.HttpField(
                                "identity", Optional.empty(), "http://x:{app.port}/version", "/version", "{version}"),
                        new Product.ProbeTemplate.Schema("schema", DATABASE)),
                List.of(),
                rings,
                Policies.NONE);
    }

    private static Product.Component component(ComponentName name, String driver, Map<String, ComponentName> uses) {
        return new Product.Component(
                name, new DriverName(driver), List.of(), uses, Map.of("port", "1"), Product.Cadence.PRODUCT);
    }

    private static Product.StepTemplate template(String step) {
        String word = step.split(" ")[0];
        Map<String, String> parameters = word.equals("baseline") || word.equals("verify-open")
                ? Map.of("span", "PT10S")
                : word.equals("ask") ? Map.of("what", "look at it") : Map.of();
        return new Product.StepTemplate(
                word,
                new ComponentName(step.split(" ")[1]),
                word.equals("prove-backup") ? Map.of("schema", SCHEMA) : Map.of(),
                word.equals("migrate") ? List.of(new Product.Condition.SchemaChanges()) : List.of(),
                parameters);
    }

    static Product.Meaning meaning() {
        return Product.Meaning.simple(true, false, Duration.ZERO, Product.Undo.AS_FOUND);
    }

    static List<Product.Ring> rings(int concurrency, int budget) {
        List<Product.Ring> rings = new ArrayList<>();
        for (String name : List.of("staging", "canary", "general")) {
            rings.add(new Product.Ring(new RingName(name), Duration.ofSeconds(30), concurrency, budget));
        }
        return rings;
    }

    static Product product() {
        return product(WHOLE, meaning(), rings(1, 0));
    }

    static Release release(Version version, Migration... migrations) {
        return Release.plain(
                PRODUCT,
                version,
                Map.of(APP, new Artifact("file:///" + version, new Digest("sha256:" + "0".repeat(64)))),
                List.of(migrations),
                Release.Notes.NONE);
    }

    static Tenant tenant(String name, String ring, Version version) {
        return new Tenant(
                new TenantId(name),
                new AccountId(name + "-inc"),
                PRODUCT,
                version,
                Model.SAAS,
                new RingName(ring),
                ZoneOffset.UTC,
                List.of(),
                List.of(),
                Map.of(),
                Tenant.Site.PLAIN);
    }

    /** 1.0.0, and 1.1.0 with so many migrations. */
    static List<Release> releases(boolean reversible, int migrations) {
        List<Migration> added = new ArrayList<>();
        for (int i = 0; i < migrations; i++) {
            added.add(new Migration("2." + i, reversible, true));
        }
        return List.of(release(V100), release(V110, added.toArray(Migration[]::new)));
    }

    static Plan plan(Product product, boolean reversible, int migrations) {
        return plan(Planning.plan(product, tenant("acme", "staging", V100), releases(reversible, migrations), V110));
    }

    static Plan plan(Planning.Planned planned) {
        return switch (planned) {
            case Planning.Planned.Way way -> way.plan();
            case Planning.Planned.NoWay none -> throw new AssertionError(none.reasons());
        };
    }

    static Product with(Product product, Policies.Stops stops, List<Version> required, Optional<Version> floor) {
        Policies none = product.policies();
        return new Product(
                product.name(),
                product.components(),
                product.bumps(),
                product.procedures(),
                product.probes(),
                product.metrics(),
                product.rings(),
                new Policies(
                        new Policies.Versioning(
                                false,
                                floor,
                                stops,
                                required,
                                Policies.Pin.TAG,
                                none.versioning().floating()),
                        none.breaking(),
                        none.notes(),
                        none.deprecation(),
                        none.support(),
                        none.cadence(),
                        none.skews(),
                        none.acrossMajors(),
                        none.matrix(),
                        none.stageFirst(),
                        none.expedited()));
    }

    /** The fingerprint of a schema with these migrations applied, in this order. */
    static String fingerprint(List<String> applied) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(applied.toString().getBytes(StandardCharsets.UTF_8));
            return "sf1:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
