package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Actions;
import dev.upkeep.planner.core.Policies;
import dev.upkeep.planner.core.Policies.Environment;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Product.Condition;
import dev.upkeep.planner.core.Range;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Release.SettingChange.Fate;
import dev.upkeep.planner.core.Tenant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every key that a schema has comes out of the reader as what it says. */
class EveryKeyTest {
    private static final ComponentName API = new ComponentName("api");
    private static final ComponentName AGENT = new ComponentName("agent");
    private static final ComponentName WORKER = new ComponentName("worker");
    private static final ComponentName GATE = new ComponentName("gate");

    @Test
    void readsWhatAComponentAndABumpSay() {
        Product product = Example.product();

        assertThat(product.component(API).orElseThrow().cadence()).isEqualTo(Product.Cadence.PRODUCT);
        assertThat(product.component(AGENT).orElseThrow().cadence()).isEqualTo(Product.Cadence.TRAILING);
        assertThat(product.component(new ComponentName("store")).orElseThrow().cadence())
                .isEqualTo(Product.Cadence.OWN);
        assertThat(product.component(new ComponentName("cache")).orElseThrow().cadence())
                .isEqualTo(Product.Cadence.RIDES_ALONG);
        assertThat(product.meaning(Bump.PATCH))
                .isEqualTo(new Product.Meaning(
                        false,
                        Product.Settings.NONE,
                        false,
                        false,
                        Duration.ZERO,
                        Duration.ZERO,
                        Set.of(),
                        Duration.ZERO,
                        Product.WindowNeed.IF_SET,
                        Product.Acknowledge.NOTHING,
                        Product.Undo.AS_FOUND));
        assertThat(product.meaning(Bump.MINOR))
                .isEqualTo(new Product.Meaning(
                        true,
                        Product.Settings.OPTIONAL,
                        true,
                        false,
                        Duration.ZERO,
                        Duration.ofDays(7),
                        Set.of("mail", "banner"),
                        Duration.ofDays(30),
                        Product.WindowNeed.IF_NOTED,
                        Product.Acknowledge.IF_TRIGGERED,
                        Product.Undo.AS_FOUND));
        assertThat(product.meaning(Bump.MAJOR))
                .isEqualTo(new Product.Meaning(
                        true,
                        Product.Settings.ANY,
                        true,
                        true,
                        Duration.ofDays(90),
                        Duration.ofDays(14),
                        Set.of("mail"),
                        Duration.ofDays(30),
                        Product.WindowNeed.ALWAYS,
                        Product.Acknowledge.GUIDE,
                        Product.Undo.RESTORE));
    }

    @Test
    void readsWhatAProcedureSays() {
        Product.Procedure rolling = Example.product().procedures().getFirst();
        Product.Procedure whole = Example.product().procedures().getLast();

        assertThat(rolling.style()).isEqualTo(Product.Style.ROLLING);
        assertThat(rolling.conditions())
                .containsExactly(
                        new Condition.Not(new Condition.SchemaChanges()),
                        new Condition.Not(new Condition.From(Range.of("<1.0.0"))));
        assertThat(whole.models()).containsExactlyInAnyOrder(Model.values());
        assertThat(whole.style()).isEqualTo(Product.Style.STOP_AND_START);
        assertThat(whole.customerTriggers()).isTrue();
        assertThat(whole.downtime()).isEqualTo(Duration.ofMinutes(20));
        assertThat(whole.checklist())
                .containsExactly(
                        new Product.Check("The backup restores", "prove-backup"),
                        new Product.Check("The customer was told", "noticeHasRun"));
        assertThat(whole.steps().stream()
                        .filter(s -> !s.conditions().isEmpty())
                        .map(s -> s.word() + " " + s.conditions()))
                .containsExactly(
                        "migrate " + List.of(new Condition.SchemaChanges()),
                        "run-task " + List.of(new Condition.Tasks(), new Condition.To(Range.of(">=2.0"))),
                        "ask " + List.of(new Condition.DefinitionsChange(), new Condition.SettingsChange()));
        assertThat(Example.product().procedures().get(1).conditions())
                .containsExactly(new Condition.DefinitionsChange(), new Condition.Not(new Condition.Additive()));
        assertThat(Example.product().procedures().get(1).steps().stream()
                        .filter(s -> s.word().equals("redeploy") || s.word().equals("run-tasks"))
                        .flatMap(s -> s.conditions().stream()))
                .containsExactly(
                        new Condition.Changed(),
                        new Condition.Not(new Condition.Elsewhere()),
                        new Condition.Tasks(),
                        new Condition.Not(new Condition.Major()));
        assertThat(whole.deadlines()).containsEntry("restore-database", Duration.ofHours(1));
    }

    @Test
    void readsThePolicies() {
        Policies policies = Example.product().policies();

        assertThat(policies.versioning())
                .isEqualTo(new Policies.Versioning(
                        true,
                        Optional.of(Version.of("1.0.0")),
                        Policies.Stops.LAST_MINOR_OF_MAJOR,
                        List.of(Version.of("1.4.0")),
                        Policies.Pin.TAG,
                        Map.of(
                                Policies.Tag.SNAPSHOT,
                                Set.of(Environment.CI),
                                Policies.Tag.MAJOR,
                                Set.of(),
                                Policies.Tag.MINOR,
                                Set.of(Environment.STAGING, Environment.DEVELOPMENT))));
        assertThat(policies.breaking()).hasSize(9).doesNotContain(Release.Kind.BEHAVIOUR);
        assertThat(policies.notes())
                .isEqualTo(new Policies.NotesPolicy(
                        Set.of("breaking", "rename"),
                        Set.of("Breaking", "Migration", "Action required"),
                        true,
                        true,
                        "https://orchard.example/notes/{version}"));
        assertThat(policies.deprecation())
                .isEqualTo(new Policies.Deprecation(Policies.Deprecation.Keep.MAJOR_CYCLE, true, "DEPRECATED: (\\w+)"));
        assertThat(policies.support())
                .isEqualTo(new Policies.Support(
                        Optional.of(new Policies.Term(Optional.of(Period.ofDays(90)))),
                        Optional.of(new Policies.Term(Optional.empty()))));
        assertThat(policies.cadence())
                .isEqualTo(Map.of(
                        Bump.PATCH, Period.ofDays(7), Bump.MINOR, Period.ofDays(14), Bump.MAJOR, Period.ofYears(1)));
        assertThat(policies.skews())
                .containsExactly(
                        new Policies.Skew(API, AGENT, Optional.of(1)),
                        new Policies.Skew(API, WORKER, Optional.empty()));
        assertThat(policies.acrossMajors()).contains(new Policies.AcrossMajors(List.of(API), List.of(WORKER), true));
        assertThat(policies.matrix())
                .containsExactly(new Policies.Row(
                        Range.of("1.x"), Map.of("postgresql", Range.of("15 - 17"), "broker", Range.of(">=3.6"))));
        assertThat(policies.stageFirst())
                .containsExactly(
                        new Policies.StageFirst(
                                Set.of(Environment.STAGING), Duration.ofHours(24), true, Range.of(">=1.0")),
                        new Policies.StageFirst(
                                Set.of(Environment.DEVELOPMENT, Environment.CI),
                                Duration.ofHours(1),
                                false,
                                Range.of("*")));
        assertThat(policies.stageFirst().getLast().releases().covers("7.3.1")).isTrue();
        assertThat(policies.expedited())
                .isEqualTo(new Policies.Expedited(Set.of(Bump.PATCH), Duration.ofHours(1), Duration.ofHours(4), 3));
    }

    @Test
    void readsARelease() throws Exception {
        Release release = ReleaseDocument.read(Text.tree(Example.text("release"), true), Example.product());

        assertThat(release.artifacts()).containsOnlyKeys(API, WORKER);
        assertThat(release.stamps()).isEqualTo(Map.of(API, "2.0.0"));
        assertThat(release.migrations())
                .containsExactly(
                        new Migration("5", true, true),
                        new Migration("6", false, false, Set.of(Migration.Trait.values())));
        assertThat(release.costs())
                .isEqualTo(Map.of(
                        "6",
                        new Release.Cost(
                                Duration.ofSeconds(2), Optional.of("audit_log"), Duration.ofSeconds(40), true)));
        assertThat(release.settings())
                .containsExactly(
                        new Release.SettingChange("SPOOL", API, Fate.NEW, "", "10"),
                        new Release.SettingChange("KEY", API, Fate.REQUIRED, "", ""),
                        new Release.SettingChange("HOST", API, Fate.RENAMED, "HOSTS", ""),
                        new Release.SettingChange("LIMIT", WORKER, Fate.DEFAULT_CHANGED, "", "5"),
                        new Release.SettingChange("ZONE", WORKER, Fate.PARSED_OTHERWISE, "", ""),
                        new Release.SettingChange("OLD", API, Fate.DEPRECATED, "", ""));
        assertThat(release.changes())
                .containsExactly(
                        new Release.Change(Release.Kind.API, "Lists come in pages", true),
                        new Release.Change(Release.Kind.BEHAVIOUR, "Trees sort by age", false));
        assertThat(release.deprecations())
                .containsExactly(
                        new Release.Deprecated("v1-api", "The first API", "/v2", Optional.of(Version.of("4.0.0"))));
        assertThat(release.removals()).containsExactly(new Release.Removed("soap", "The SOAP interface", "/v1"));
        assertThat(release.tasks())
                .containsExactly(new Release.Task("reindex", new ComponentName("jobs"), "The order of trees changed"));
        assertThat(release.advisories())
                .containsExactly(
                        new Release.Advisory(
                                "CVE-2026-1234", "high", Optional.of(Instant.parse("2026-04-01T12:00:00Z"))),
                        new Release.Advisory("CVE-2026-1235", "low", Optional.empty()));
        assertThat(release.thirdParty()).isEqualTo(Map.of("postgresql", Range.of(">=16")));
        assertThat(release.definitions()).containsExactlyInAnyOrder(API, WORKER);
        assertThat(release.needsWindow()).isTrue();
        assertThat(release.guide()).contains("https://orchard.example/guides/2");
        assertThat(release.notes().sections()).containsOnlyKeys(Release.Section.values());
    }

    @Test
    void readsATenant() throws Exception {
        Tenant tenant = TenantDocument.read(Text.tree(Example.text("tenant"), true), Example.product());

        assertThat(tenant.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
        assertThat(tenant.windows()).hasSize(1);
        assertThat(tenant.freezes())
                .containsExactly(new Tenant.Freeze(
                        Instant.parse("2026-12-20T00:00:00Z"),
                        Instant.parse("2027-01-04T00:00:00Z"),
                        "end of the year",
                        Set.of(Bump.MINOR, Bump.MAJOR)));
        assertThat(tenant.site())
                .isEqualTo(new Tenant.Site(
                        Environment.STAGING,
                        Map.of(AGENT, Version.of("1.3.0"), new ComponentName("store"), Version.of("17.2.0")),
                        Map.of("postgresql", "17.2", "broker", "3.7"),
                        Set.of("KEY", "HOST"),
                        Map.of("audit_log", 120_000_000L),
                        Map.of(GATE, new TenantId("acme-control")),
                        Optional.of("1.4")));
    }

    @Test
    void saysTheSameWhenItIsReadFromWhereItWasKept() throws Exception {
        JsonNode product = Text.tree(Example.text("product"), true);
        JsonNode tenant = Text.tree(Example.text("tenant"), true);

        assertThat(ProductDocument.stored(Text.stored(Text.canonical(product)))).isEqualTo(Example.product());
        assertThat(TenantDocument.stored(Text.stored(Text.canonical(tenant))))
                .isEqualTo(TenantDocument.read(tenant, Example.product()));
    }

    @Test
    void hasAWordInTheSchemaForEveryConstantAndNoOther() {
        JsonNode product = schema("product");
        JsonNode release = schema("release");
        JsonNode tenant = schema("tenant");
        JsonNode procedure = product.at("/properties/procedures/items/properties");
        JsonNode meaning = product.at("/$defs/meaning/properties");

        assertThat(words(product.at("/properties/components/items/properties/cadence")))
                .isEqualTo(words(Product.Cadence.values()));
        assertThat(words(product.at("/$defs/bump"))).isEqualTo(words(Bump.values()));
        assertThat(keys(product.at("/properties/bumps"))).isEqualTo(words(Bump.values()));
        assertThat(keys(product.at("/properties/cadence"))).isEqualTo(words(Bump.values()));
        assertThat(words(product.at("/$defs/model"))).isEqualTo(words(Model.values()));
        assertThat(words(product.at("/$defs/environment"))).isEqualTo(words(Environment.values()));
        assertThat(words(meaning.path("settings"))).isEqualTo(words(Product.Settings.values()));
        assertThat(words(meaning.path("window"))).isEqualTo(words(Product.WindowNeed.values()));
        assertThat(words(meaning.path("acknowledge"))).isEqualTo(words(Product.Acknowledge.values()));
        assertThat(words(meaning.path("undo"))).isEqualTo(words(Product.Undo.values()));
        assertThat(words(procedure.path("style"))).isEqualTo(words(Product.Style.values()));
        JsonNode versioning = product.at("/properties/versioning/properties");
        assertThat(words(versioning.path("stops"))).isEqualTo(words(Policies.Stops.values()));
        assertThat(words(versioning.path("pin"))).isEqualTo(words(Policies.Pin.values()));
        assertThat(keys(versioning.path("floating-tags"))).isEqualTo(words(Policies.Tag.values()));
        assertThat(words(product.at("/properties/breaking/items"))).isEqualTo(words(Release.Kind.values()));
        assertThat(words(product.at("/properties/deprecation/properties/keep")))
                .isEqualTo(words(Policies.Deprecation.Keep.values()));
        assertThat(words(release.at("/properties/settings/items/properties/fate")))
                .isEqualTo(words(Fate.values()));
        assertThat(words(release.at("/properties/changes/items/properties/kind")))
                .isEqualTo(words(Release.Kind.values()));
        assertThat(keys(release.at("/properties/notes"))).isEqualTo(words(Release.Section.values()));
        assertThat(words(tenant.at("/$defs/environment"))).isEqualTo(words(Environment.values()));
        assertThat(words(tenant.at("/$defs/model"))).isEqualTo(words(Model.values()));
    }

    @Test
    void hasAKeyInTheSchemaForEveryActionAndParameterAndNoOther() {
        Set<String> expected = new TreeSet<>(Set.of("uses", "when"));
        for (Actions action : Actions.values()) {
            expected.add(action.word());
            expected.addAll(action.parameters());
        }

        assertThat(keys(schema("product").at("/properties/procedures/items/properties/steps/items")))
                .isEqualTo(expected);
    }

    @Test
    void saysOfEveryKeyWhatItIs() {
        for (String kind : List.of("product", "release", "tenant")) {
            List<String> silent = new ArrayList<>();
            undescribed(schema(kind), "", silent);
            assertThat(silent).as(kind).isEmpty();
        }
    }

    @Test
    void givesAnExampleOfEveryKey() throws Exception {
        for (String kind : List.of("product", "release", "tenant")) {
            Set<String> said = new TreeSet<>();
            mentioned(Text.tree(Example.text(kind), true), said);
            Set<String> known = new TreeSet<>();
            known(schema(kind), known);
            // A window has either form, and a manifest either kind of notes; an editor's key says nothing to us.
            known.removeAll(Set.of("$schema", "rrule", "length", "changelog"));

            assertThat(said).as(kind).containsAll(known);
        }
    }

    private static void undescribed(JsonNode schema, String path, List<String> silent) {
        schema.path("properties").properties().forEach(p -> {
            if (p.getValue().path("description").asText("").isBlank()) {
                silent.add(path + "/" + p.getKey());
            }
        });
        schema.properties().forEach(p -> undescribed(p.getValue(), path + "/" + p.getKey(), silent));
        if (schema.isArray()) {
            schema.forEach(item -> undescribed(item, path + "/-", silent));
        }
    }

    private static void mentioned(JsonNode node, Set<String> keys) {
        node.fieldNames().forEachRemaining(keys::add);
        node.forEach(child -> mentioned(child, keys));
    }

    private static void known(JsonNode schema, Set<String> keys) {
        schema.path("properties").fieldNames().forEachRemaining(keys::add);
        schema.forEach(child -> known(child, keys));
    }

    private static JsonNode schema(String kind) {
        try {
            return Text.stored(Files.readString(Path.of("src/main/resources/schemas/" + kind + ".schema.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> words(JsonNode schema) {
        Set<String> words = new TreeSet<>();
        schema.path("enum").forEach(word -> words.add(word.asText()));
        return words;
    }

    private static Set<String> keys(JsonNode schema) {
        Set<String> keys = new TreeSet<>();
        schema.path("properties").fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private static Set<String> words(Enum<?>[] constants) {
        return new TreeSet<>(Arrays.stream(constants).map(Nodes::word).toList());
    }
}
