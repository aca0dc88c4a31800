package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Planning.Planned;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What each rule over the states of a plan refuses, and that nothing else would: without the rule, the same plan goes out.
 */
class StateRulesTest {
    /** An API with a worker on the same database, connectors that talk with it, and an SDK that its users carry. */
    private static final String PRODUCT = """
            product: little
            components:
              - {name: database, driver: postgresql, cadence: own}
              - {name: schema, driver: migrate, after: [database], uses: {database: database, artifact: api}}
              - {name: stack, driver: rehearsal}
              - {name: api, driver: rehearsal, after: [schema], uses: {database: database}}
              - {name: worker, driver: rehearsal, after: [api], uses: {database: database}}
              - {name: connectors, driver: rehearsal, uses: {set: stack}}
              - {name: bridge, driver: rehearsal, uses: {set: stack}}
              - {name: gate, driver: gate}
              - {name: sdk, driver: manual, cadence: trailing}
            bumps:
              patch: {schema-change: true}
              minor: {schema-change: true}
              major: {schema-change: true}
            procedures:
              - models: [saas]
                bumps: [patch, minor, major]
                style: stop-and-start
                steps:
                  - {check-schema: database}
                  - {backup-database: database}
                  - {prove-backup: database, uses: {schema: schema}}
                  - {ask: sdk, what: "Have its users stop", when: major}
                  - {park-traffic: gate}
                  - {stop: stack}
                  - {stop: worker}
                  - {stop: api}
                  - {fetch-artifact: api}
                  - {migrate: schema, when: schema-changes}
                  - {start: api}
                  - {start: worker}
                  - {start: connectors}
                  - {start: bridge}
                  - {verify-shut: api}
                  - {open-traffic: gate}
                  - {verify-open: api, span: PT1M}
            rings: [{name: all}]
            skew:
              - {between: [api, connectors], minors: 1}
              - {between: [sdk, api], minors: 1}
            across-majors: {first: [api], same-window: true}
            """;

    private static final String RELEASE = """
            product: little
            version: VERSION
            artifacts:
              - {component: api, location: "file:///api-VERSION", digest: "sha256:DIGEST"}
              - {component: worker, location: "file:///worker-VERSION", digest: "sha256:DIGEST"}
              - {component: connectors, location: "file:///connectors-VERSION", digest: "sha256:DIGEST"}
              - {component: bridge, location: "file:///bridge-VERSION", digest: "sha256:DIGEST"}
            """;

    private static final String MIGRATING = "migrations: [{id: \"1\", reversible: true}]\n";

    private static final Map<String, StateRules.Rule> EVERYWHERE = everywhere();
    private static final Map<String, StateRules.Rule> AT_THE_END = atTheEnd();

    private static Map<String, StateRules.Rule> everywhere() {
        Map<String, StateRules.Rule> rules = new LinkedHashMap<>();
        rules.put("skewHolds", StateRules::skewHolds);
        rules.put("binariesMeetTheirOwnSchema", StateRules::binariesMeetTheirOwnSchema);
        rules.put("orderIsKept", StateRules::orderIsKept);
        rules.put("firstGoFirstAcrossMajors", StateRules::firstGoFirstAcrossMajors);
        return rules;
    }

    private static Map<String, StateRules.Rule> atTheEnd() {
        Map<String, StateRules.Rule> rules = new LinkedHashMap<>();
        rules.put("everythingServes", StateRules::everythingServes);
        rules.put("everythingMovesInOneWindowAcrossMajors", StateRules::everythingMovesInOneWindowAcrossMajors);
        rules.put("setsStayTogether", StateRules::setsStayTogether);
        rules.put("whatChangedIsBrought", StateRules::whatChangedIsBrought);
        return rules;
    }

    @Test
    void knowsEveryRuleThatThereIs() {
        assertThat(EVERYWHERE).hasSameSizeAs(StateRules.STANDARD.everywhere());
        assertThat(AT_THE_END).hasSameSizeAs(StateRules.STANDARD.atTheEnd());
    }

    @Test
    void letsAPlanGoOutThatBreaksNone() {
        for (String to : List.of("1.0.1", "1.1.0", "2.0.0")) {
            assertThat(plan(PRODUCT, "", to, MIGRATING, StateRules.STANDARD))
                    .as(to)
                    .isInstanceOf(Planned.Way.class);
        }
    }

    @Test
    void namesTheStateInWhichComponentsWouldBeTooFarApart() {
        String running = PRODUCT.replace("      - {stop: stack}\n", "");

        refuses(
                "skewHolds",
                running,
                "",
                "1.2.0",
                "during start api 1.2.0: api 1.2.0 and connectors 1.0.0 would talk, but are 2 minors apart");
    }

    @Test
    void blocksWhoseTrailingComponentIsTooFarBehindTheTarget() {
        refuses(
                "skewHolds",
                PRODUCT,
                "components: {sdk: {version: 1.0.0}}",
                "1.2.0",
                "after open-traffic gate: sdk 1.0.0 and api 1.2.0 would talk");
    }

    @Test
    void letsNobodyTalkWhoIsStoppedParkedOrAskedToStop() {
        // The connectors are stopped, the SDK is behind the gate, and across the major its users were asked to stop.
        assertThat(plan(PRODUCT, "", "1.1.0", "", StateRules.STANDARD)).isInstanceOf(Planned.Way.class);
        assertThat(plan(PRODUCT, "", "2.0.0", "", StateRules.STANDARD)).isInstanceOf(Planned.Way.class);
        refuses(
                "skewHolds",
                PRODUCT.replace("      - {ask: sdk, what: \"Have its users stop\", when: major}\n", ""),
                "",
                "2.0.0",
                "after open-traffic gate: sdk 1.0.0 and api 2.0.0 would talk, but must be of the same major");
    }

    @Test
    void looksAtTheWaysBackToo() {
        // A worker that comes back first would meet an API that is not there yet.
        String backwards = PRODUCT.replace(
                        "      - {start: api}\n      - {start: worker}\n",
                        "      - {start: worker}\n      - {start: api}\n")
                .replace(
                        "{name: api, driver: rehearsal, after: [schema]",
                        "{name: api, driver: rehearsal, after: [schema, worker]")
                .replace(
                        "{name: worker, driver: rehearsal, after: [api]",
                        "{name: worker, driver: rehearsal, after: []");
        assertThat(plan(backwards, "", "1.1.0", "", StateRules.STANDARD)).isInstanceOf(Planned.Way.class);

        List<States.Way> ways = ways(backwards, "1.1.0");

        assertThat(ways.getFirst().route()).isEmpty();
        assertThat(ways.stream().skip(1).map(w -> w.route().orElseThrow()))
                .contains(Route.UNCHANGED, Route.REVERSIBLE, Route.IRREVERSIBLE);
        assertThat(ways)
                .allSatisfy(way -> assertThat(way.last().serving().values())
                        .allSatisfy(versions -> assertThat(versions).hasSize(1)));
    }

    @Test
    void neverLetsTheOldBinaryMeetTheNewSchema() {
        refuses(
                "binariesMeetTheirOwnSchema",
                PRODUCT.replace("      - {stop: worker}\n", ""),
                "",
                "1.1.0",
                "during migrate schema 1.1.0: worker 1.0.0 would meet the schema of 1.1.0",
                MIGRATING);
    }

    @Test
    void neverLetsTheNewBinaryMeetTheOldSchema() {
        refuses(
                "binariesMeetTheirOwnSchema",
                PRODUCT.replace(
                                "      - {migrate: schema, when: schema-changes}\n      - {start: api}\n",
                                "      - {start: api}\n      - {migrate: schema, when: schema-changes}\n")
                        .replace("driver: rehearsal, after: [schema]", "driver: rehearsal"),
                "",
                "1.1.0",
                "api 1.1.0 would meet the schema from before its migrations",
                MIGRATING);
    }

    @Test
    void countsAStartThatMigratesAsTheMigration() {
        String byItself = PRODUCT.replace(
                        "after: [schema], uses: {database: database}}",
                        "uses: {database: database}, settings: {migrates: on-start}}")
                .replace("      - {migrate: schema, when: schema-changes}\n", "");
        assertThat(plan(byItself, "", "1.1.0", MIGRATING, StateRules.STANDARD)).isInstanceOf(Planned.Way.class);

        refuses(
                "binariesMeetTheirOwnSchema",
                byItself.replace("      - {stop: worker}\n", ""),
                "",
                "1.1.0",
                "during start api 1.1.0: worker 1.0.0 would meet the schema of 1.1.0",
                MIGRATING);
    }

    @Test
    void neverLetsWhatMigratesItselfByAStepStartBeforeThatStep() {
        String ownMigrate = PRODUCT.replace(
                        "{name: api, driver: rehearsal, after: [schema], uses: {database: database}}",
                        "{name: api, driver: compose, settings: {project: /p, service: api},"
                                + " uses: {database: database, artifact: api}}")
                .replace(
                        "      - {migrate: schema, when: schema-changes}\n      - {start: api}\n",
                        "      - {redeploy: api}\n      - {migrate: api, when: schema-changes}\n");

        refuses(
                "binariesMeetTheirOwnSchema",
                ownMigrate,
                "",
                "1.1.0",
                "after redeploy api 1.1.0: api 1.1.0 would meet the schema from before its migrations",
                MIGRATING);
    }

    @Test
    void keepsTheOrderOfComponents() {
        refuses(
                "orderIsKept",
                PRODUCT.replace(
                        "      - {start: api}\n      - {start: worker}\n",
                        "      - {start: worker}\n      - {start: api}\n"),
                "",
                "1.1.0",
                "after start worker 1.1.0: worker would come before api, which must be there before it");
    }

    @Test
    void letsWhatGoesFirstAcrossMajorsGoFirst() {
        String connectorsFirst = PRODUCT.replace("      - {start: connectors}\n", "")
                .replace("      - {start: api}\n", "      - {start: connectors}\n      - {start: api}\n");

        assertThat(plan(connectorsFirst, "", "1.1.0", "", StateRules.STANDARD)).isInstanceOf(Planned.Way.class);
        refuses(
                "firstGoFirstAcrossMajors",
                connectorsFirst,
                "",
                "2.0.0",
                "during start connectors 2.0.0: connectors would serve major 2 before api, which goes first across majors");
    }

    @Test
    void leavesNothingStopped() {
        refuses(
                "everythingServes",
                PRODUCT.replace("      - {start: bridge}\n", ""),
                "",
                "1.1.0",
                "bridge would be stopped and not started again",
                "",
                "setsStayTogether",
                "whatChangedIsBrought");
    }

    @Test
    void movesEverythingInOneWindowAcrossMajors() {
        String left = PRODUCT.replace("      - {stop: stack}\n", "      - {stop: connectors}\n")
                .replace("      - {start: bridge}\n", "      - {redeploy: bridge, when: {not: major}}\n");

        refuses(
                "everythingMovesInOneWindowAcrossMajors",
                left,
                "",
                "2.0.0",
                "bridge would stay at 1.0.0, but across a major everything moves in the same window",
                "",
                "setsStayTogether",
                "whatChangedIsBrought");
    }

    @Test
    void tearsNoSetApart() {
        String half = PRODUCT.replace("      - {stop: stack}\n", "      - {stop: connectors}\n")
                .replace("      - {start: bridge}\n", "      - {redeploy: bridge, when: tasks}\n");

        refuses(
                "setsStayTogether",
                half,
                "",
                "1.1.0",
                "the set stack would be torn apart: connectors 1.1.0, bridge 1.0.0",
                "",
                "whatChangedIsBrought");
    }

    @Test
    void bringsWhatTheReleasesBring() {
        // What stands aside is stopped all the same where the database is put back.
        refuses(
                "whatChangedIsBrought",
                PRODUCT.replace("      - {stop: worker}\n", "")
                        .replace("      - {start: worker}\n", "      - {redeploy: worker, when: tasks}\n"),
                "",
                "1.1.0",
                "the releases crossed bring another worker, but no step brings it to 1.1.0");
    }

    @Test
    void rollsOnlyWhereMigrationsOnlyAddAndNeverAcrossAMajor() {
        String rolling = PRODUCT.replace("style: stop-and-start", "style: rolling")
                .replace("bumps: [patch, minor, major]", "bumps: [patch, minor]")
                .replaceAll("      - \\{stop: [a-z]+}\n", "")
                .replaceAll("- \\{start: ", "- {redeploy: ");
        String additive = "migrations: [{id: \"1\", reversible: true, additive: true}]\n";

        assertThat(plan(rolling, "", "1.1.0", additive, StateRules.STANDARD)).isInstanceOf(Planned.Way.class);
        assertThat(reasons(plan(rolling, "", "1.1.0", MIGRATING, StateRules.STANDARD)))
                .anyMatch(r -> r.contains("migrations [1] do not only add"));
        // The document's own rule keeps majors out of rolling procedures; this one would catch whoever gets by it.
        Product product = read(rolling);
        Product.Procedure procedure = product.procedures().getFirst();
        Product forMajors = new Product(
                product.name(),
                product.components(),
                product.bumps(),
                List.of(new Product.Procedure(
                        procedure.models(),
                        java.util.Set.of(dev.upkeep.contract.Bump.values()),
                        procedure.conditions(),
                        procedure.style(),
                        false,
                        procedure.downtime(),
                        List.of(),
                        procedure.steps(),
                        procedure.deadlines())),
                product.probes(),
                product.metrics(),
                product.rings(),
                product.policies());
        assertThat(reasons(plan(forMajors, "", "2.0.0", "", StateRules.STANDARD, Map.of())))
                .anyMatch(r -> r.contains("which no major allows"));
    }

    @Test
    void letsBeWhatDidNotHoldBeforeAndStaysAsItWas() {
        // The SDK is two minors behind already: a patch makes that no worse, and may go.
        String behind = "components: {sdk: {version: 1.0.0}}";
        List<Release> releases = releases("1.2.0", "1.2.1");
        Product product = read(PRODUCT);
        Tenant tenant = tenant(product, behind).on(Version.of("1.2.0"));

        Planned planned = Planning.plan(product, tenant, releases, Version.of("1.2.1"));

        assertThat(reasons(planned)).singleElement().asString().contains("sdk 1.0.0 and api 1.2.1");
    }

    @Test
    void holdsTheSkewToWhatStandsElsewhere() {
        Product product = read(PRODUCT);
        Tenant tenant = tenant(product, "peers: {connectors: other}");
        Version to = Version.of("1.1.0");
        List<Release> releases = releases("1.0.0", "1.1.0");
        ComponentName connectors = new ComponentName("connectors");

        Planned near = Planning.plan(product, tenant, releases, to, Map.of(connectors, Version.of("1.2.0")));
        Planned far = Planning.plan(product, tenant, releases, to, Map.of(connectors, Version.of("1.3.0")));
        Planned unknown = Planning.plan(product, tenant, releases, to, Map.of());

        assertThat(reasons(near)).isEmpty();
        assertThat(reasons(far)).anyMatch(r -> r.contains("connectors 1.3.0 would talk, but are 2 minors apart"));
        assertThat(reasons(unknown)).anyMatch(r -> r.contains("which version of connectors runs on other"));
    }

    private static void refuses(String rule, String product, String tenant, String to, String reason) {
        refuses(rule, product, tenant, to, reason, "");
    }

    /** The plan is refused for the reason; without the rule, and others that would say the same otherwise, it goes out. */
    private static void refuses(
            String rule, String product, String tenant, String to, String reason, String brings, String... too) {
        assertThat(reasons(plan(product, tenant, to, brings, StateRules.STANDARD)))
                .anyMatch(r -> r.contains(reason));

        List<String> left = new ArrayList<>(List.of(too));
        left.add(rule);
        Planned without = plan(product, tenant, to, brings, without(left));

        assertThat(reasons(without)).as("without " + rule).isEmpty();
    }

    private static StateRules without(List<String> names) {
        return new StateRules(left(EVERYWHERE, names), left(AT_THE_END, names));
    }

    private static List<StateRules.Rule> left(Map<String, StateRules.Rule> rules, List<String> names) {
        return rules.entrySet().stream()
                .filter(e -> !names.contains(e.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Planned plan(String product, String tenant, String to, String brings, StateRules rules) {
        return plan(read(product), tenant, to, brings, rules, Map.of());
    }

    private static Planned plan(
            Product product,
            String tenant,
            String to,
            String brings,
            StateRules rules,
            Map<ComponentName, Version> peers) {
        List<Release> releases = List.of(release("1.0.0", ""), release(to, brings));
        return Planning.plan(product, tenant(product, tenant), releases, Version.of(to), peers, rules);
    }

    private static List<States.Way> ways(String text, String to) {
        Product product = read(text);
        Planned.Way way = (Planned.Way) plan(product, "", to, MIGRATING, StateRules.STANDARD, Map.of());
        Map<ComponentName, Version> versions = new LinkedHashMap<>();
        for (String name : List.of("api", "worker", "connectors", "bridge")) {
            versions.put(new ComponentName(name), Version.of("1.0.0"));
        }
        return new States(new Wiring(product), way.plan(), Product.Style.STOP_AND_START, java.util.Set.of(), versions)
                .ways();
    }

    private static List<String> reasons(Planned planned) {
        return switch (planned) {
            case Planned.Way way -> List.of();
            case Planned.NoWay none -> none.reasons();
        };
    }

    private static List<Release> releases(String... versions) {
        return java.util.Arrays.stream(versions).map(v -> release(v, "")).toList();
    }

    private static Product read(String text) {
        try {
            return ProductDocument.read(Text.tree(text, true));
        } catch (Refused refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
    }

    private static Release release(String version, String brings) {
        try {
            String text = RELEASE.replace("VERSION", version).replace("DIGEST", "0".repeat(64)) + brings;
            return ReleaseDocument.read(Text.tree(text, true), read(PRODUCT));
        } catch (Refused refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
    }

    private static Tenant tenant(Product product, String more) {
        String text = """
                tenant: acme
                account: acme-inc
                product: little
                version: 1.0.0
                model: saas
                ring: all
                components:
                  database: {settings: {url: "jdbc:postgresql://h/acme", user: u, password: "env:P"}}
                  gate: {settings: {admin: "http://h:1"}}
                """;
        String whole = more.startsWith("components: {")
                ? text + "  " + more.substring("components: {".length(), more.length() - 1) + "\n"
                : text + more;
        try {
            return TenantDocument.read(Text.tree(whole, true), product);
        } catch (Refused refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
    }
}
