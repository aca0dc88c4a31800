package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a document is refused, where, and with which fix; each is one change to a document that is taken. */
class RefusalTest {
    @Test
    void suggestsTheKeyOrWordThatWasMeant() {
        assertThat(Example.ofProduct("migration-period: P90D", "migration-perod: P90D"))
                .anySatisfy(p -> {
                    assertThat(p.pointer()).isEqualTo("/bumps/major/migration-perod");
                    assertThat(p.fix()).isEqualTo("did you mean 'migration-period'?");
                });
        assertThat(Example.ofProduct("stops: last-minor-of-major", "stops: last-minor-of-mayor"))
                .anySatisfy(p -> {
                    assertThat(p.pointer()).isEqualTo("/versioning/stops");
                    assertThat(p.fix()).startsWith("did you mean 'last-minor-of-major'?");
                });
        assertThat(Example.ofProduct("when: schema-changes", "when: schema-change"))
                .anySatisfy(p -> {
                    assertThat(p.pointer()).isEqualTo("/procedures/2/steps/9/when");
                    assertThat(p.fix()).startsWith("did you mean 'schema-changes'?");
                });
        assertThat(Example.ofRelease("fate: renamed", "fate: rename"))
                .anySatisfy(p -> assertThat(p.fix()).startsWith("did you mean 'renamed'?"));
        assertThat(Example.ofTenant("environment: staging", "environment: stagng"))
                .anySatisfy(p -> assertThat(p.fix()).startsWith("did you mean 'staging'?"));
    }

    @Test
    void refusesAComponentThatIsNotThereWhereverItIsReferredTo() {
        assertRefused(Example.ofProduct("[api, agent]", "[api, agnt]"), "/skew/0/between/1");
        assertRefused(Example.ofProduct("first: [api]", "first: [apy]"), "/across-majors/first/0");
        assertRefused(Example.ofProduct("trailing: [worker]", "trailing: [working]"), "/across-majors/trailing/0");
        assertRefused(Example.ofRelease("definitions: [api, worker]", "definitions: [api, wrk]"), "/definitions/1");
        assertRefused(Example.ofRelease("component: jobs", "component: job"), "/tasks/0/component");
        assertRefused(Example.ofRelease("KEY, component: api", "KEY, component: ape"), "/settings/1/component");
        assertRefused(Example.ofTenant("peers: {gate", "peers: {gat"), "/peers/gat");
        assertRefused(Example.ofTenant("  agent: {version", "  agint: {version"), "/components/agint");
    }

    @Test
    void refusesARangeASpanAnInstantAZoneAndAPatternThatCantBeRead() {
        assertRefused(Example.ofProduct("releases: 1.x", "releases: one"), "/matrix/0/releases");
        assertRefused(Example.ofProduct("releases: \">=1.0\"", "releases: new"), "/probes/0/releases");
        assertRefused(Example.ofProduct("schema: true}", "schema: true, releases: \">=1.0\"}"), "/probes/2/releases");
        assertRefused(Example.ofProduct("broker: \">=3.6\"", "broker: \"=>3.6\""), "/matrix/0/needs/broker");
        assertRefused(Example.ofProduct("from: \"<1.0.0\"", "from: \"<a\""), "/procedures/0/when/1/not/from");
        assertRefused(Example.ofProduct("releases: \">=1.0\"", "releases: \"99999999999\""), "/stage-first/0/releases");
        assertRefused(Example.ofProduct("run-for: PT24H", "run-for: 24h"), "/stage-first/0/run-for");
        assertRefused(Example.ofProduct("previous-major: P90D", "previous-major: PT90H"), "/support/previous-major");
        assertRefused(Example.ofProduct("(\\\\w+)", "(\\\\w+"), "/deprecation/pattern");
        assertRefused(Example.ofRelease("\">=16\"", "\">=sixteen\""), "/third-party/postgresql");
        assertRefused(Example.ofRelease("2026-04-01T12:00", "2026-04-31T12:00"), "/advisories/0/disclosed-at");
        assertRefused(Example.ofTenant("zone: Europe/Berlin\ncontacts", "zone: Mars\ncontacts"), "/zone");
        assertRefused(Example.ofTenant("2027-01-04", "2027-13-04"), "/freezes/0/to");
    }

    @Test
    void refusesANumberWhereAVersionIsMeant() {
        assertRefused(Example.ofTenant("\"17.2\"", "17.2"), "/third-party/postgresql");
        assertRefused(Example.ofTenant("follows: \"1.4\"", "follows: 1.4"), "/follows");
    }

    @Test
    void refusesAConditionOfTwoParts() {
        assertRefused(
                Example.ofProduct("{to: \">=2.0\"}", "{to: \">=2.0\", from: \">1\"}"), "/procedures/2/steps/12/when/1");
        assertRefused(Example.ofProduct("when: schema-changes", "when: []"), "/procedures/2/steps/9/when");
    }

    @Test
    void refusesARollingProcedureForMajors() {
        assertBroken(
                Example.ofProduct("bumps: [patch]\n    when", "bumps: [patch, major]\n    when"),
                "rollingNeverCrossesAMajor",
                "/procedures/0/style");
    }

    @Test
    void refusesToTouchAComponentThatIsNotTheProducts() {
        assertBroken(
                Example.ofProduct("{redeploy: api}", "{redeploy: cache}"),
                "foreignComponentsAreLeftAlone",
                "/procedures/0/steps/1/redeploy");
        assertBroken(
                Example.ofProduct("driver: gate, after: [api]", "driver: gate, after: [api], cadence: own"),
                "foreignComponentsAreLeftAlone",
                "/procedures/2/steps/6/park-traffic");
        // Backing up what has a cadence of its own leaves it as it is.
        assertThat(Example.changed(
                        "product",
                        "{name: database, driver: postgresql}",
                        "{name: database, driver: postgresql, cadence: own}"))
                .satisfies(text ->
                        assertThat(ProductDocument.read(Text.tree(text, true))).isNotNull());
    }

    @Test
    void refusesToOpenTrafficBeforeHealthWasJudged() {
        assertBroken(
                Example.ofProduct("      - {start: api}\n      - {verify-shut: api}\n", "      - {start: api}\n"),
                "trafficOpensAfterHealth",
                "/procedures/2/steps/13/open-traffic");
        assertBroken(
                Example.ofProduct(
                        "      - {start: api}\n      - {verify-shut: api}\n",
                        "      - {start: api}\n      - {verify-shut: api, when: schema-changes}\n"),
                "trafficOpensAfterHealth",
                "/procedures/2/steps/14/open-traffic");
    }

    @Test
    void refusesToFetchBeforeWhatAnUndoNeedsIsKeptAndProven() {
        String protect =
                "      - {backup-database: database}\n      - {prove-backup: database, uses: {schema: schema}}\n";
        String fetch = "      - {fetch-artifact: api}\n";

        assertThat(Example.ofProduct(protect + fetch, fetch + protect))
                .anySatisfy(p -> {
                    assertThat(p.pointer()).startsWith("/procedures/2/steps");
                    assertThat(p.detail())
                            .contains("backup-database of database comes after the first change, fetch-artifact");
                })
                .anySatisfy(p -> assertThat(p.detail()).contains("without prove-backup before its first change"));
    }

    @Test
    void refusesToParkWhatIsOpenedOnlySometimes() {
        assertBroken(
                Example.ofProduct("{open-traffic: gate}", "{open-traffic: gate, when: schema-changes}"),
                "whatIsParkedIsReopened",
                "/procedures/2/steps/6/park-traffic");
    }

    @Test
    void refusesAProcedureThatIsNeverTaken() {
        assertBroken(
                Example.ofProduct(
                        "probes:\n",
                        "  - {models: [saas], bumps: [minor], steps: [{ask: agent, what: do}]}\nprobes:\n"),
                "everyProcedureCanBeTaken",
                "/procedures/3");
    }

    @Test
    void refusesAChecklistWithoutEvidence() {
        assertBroken(
                Example.ofProduct("evidence: prove-backup", "evidence: a-good-feeling"),
                "checklistsHaveEvidence",
                "/procedures/2/checklist/0/evidence");
    }

    @Test
    void refusesPoliciesThatContradictEachOther() {
        assertBroken(
                Example.ofProduct("{between: [api, worker]}", "{between: [agent, api]}"),
                "skewsAreStatedOnce",
                "/skew/1/between");
        assertBroken(
                Example.ofProduct("trailing: [worker]", "trailing: [worker, api]"),
                "nothingIsBothFirstAndTrailing",
                "/across-majors/trailing/1");
        assertBroken(
                Example.ofProduct("required: [1.4.0]", "required: [1.4.0, 0.9.0]"),
                "requiredStopsAreTargets",
                "/versioning/required/1");
        assertBroken(
                Example.ofProduct("keep: major-cycle", "keep: not-at-all"),
                "onlyAPromiseIsExtended",
                "/deprecation/extendable");
    }

    @Test
    void refusesARenameWithoutANameADefaultWithoutAValueAndACostWithoutATable() {
        assertRefused(Example.ofRelease("fate: renamed, to: HOSTS", "fate: renamed"), "/settings/2/to");
        assertRefused(Example.ofRelease("fate: required", "fate: required, to: KEYS"), "/settings/1/to");
        assertRefused(
                Example.ofRelease("fate: default-changed, value: 5", "fate: default-changed"), "/settings/3/value");
        assertRefused(Example.ofRelease("rewrites: audit_log, ", ""), "/migrations/1/costs/rewrites");
    }

    @Test
    void refusesWhatIsGivenTwice() {
        assertRefused(Example.ofRelease("id: \"6\"", "id: \"5\""), "/migrations/1/id");
        assertRefused(Example.ofRelease("CVE-2026-1235", "CVE-2026-1234"), "/advisories/1/id");
        assertRefused(Example.ofProduct("{name: general", "{name: staging"), "/rings/1/name");
    }

    @Test
    void refusesAFloatingTagWhereTheProductAllowsNone() {
        assertRefused(Example.ofTenant("follows: \"1.4\"", "follows: \"1\""), "/follows");
        assertRefused(Example.ofTenant("follows: \"1.4\"", "follows: snapshot"), "/follows");
        assertRefused(Example.ofTenant("environment: staging\n", ""), "/follows");
    }

    @Test
    void refusesAVersionOfItsOwnForWhatMovesWithTheProduct() {
        assertRefused(
                Example.ofTenant("home: /acme/api}", "home: /acme/api}, version: 1.3.0"), "/components/api/version");
    }

    @Test
    void asksForAVersionOnlyWhereThereIsNoReleaseToBeginWith() throws Exception {
        String without = Example.changed("tenant", "\nversion: 1.4.0\n", "\n");

        TenantDocument.lint(Text.tree(without, true), Example.product());

        assertRefused(
                Example.problems(() -> TenantDocument.read(Text.tree(without, true), Example.product())), "/version");
        assertRefused(
                Example.problems(() -> TenantDocument.lint(
                        Text.tree(without.replace("ring: ", "ring: no-"), true), Example.product())),
                "/ring");
    }

    @Test
    void refusesASettingThatIsMisspeltOrSaysNothing() {
        assertTold(
                Example.ofProduct("driver: postgresql}", "driver: postgresql, settings: {history-tabel: x}}"),
                "/components/0/settings/history-tabel",
                "did you mean 'history-table'?");
        assertTold(
                Example.ofProduct("driver: postgresql}", "driver: postgresql, settings: {migrates: onstart}}"),
                "/components/0/settings/migrates",
                "write on-start");
        assertTold(
                Example.ofProduct("driver: postgresql}", "driver: postgresql, settings: {engine: liquibase}}"),
                "/components/0/settings/engine",
                "write flyway or command");
        assertRefused(
                Example.ofProduct("driver: postgresql}", "driver: postgresql, settings: {engine: command}}"),
                "/components/0/settings/command");
        assertTold(
                Example.ofProduct("driver: postgresql}", "driver: postgresql, settings: {do.drain: \"x {app.no}\"}}"),
                "/components/0/settings/do.drain",
                "{app.no} stands for nothing in a command");
    }

    @Test
    void refusesAProofThatCantRehearse() {
        assertRefused(
                Example.ofProduct("{prove-backup: database, uses: {schema: schema}}", "{prove-backup: database}"),
                "/procedures/2/steps/4/uses/schema");
    }

    @Test
    void refusesAHopThatMigratesTwoDatabasesOrAnotherThanItCanBringBack() {
        String two = Example.changed(
                        "product",
                        "  - {name: gate, driver: gate, after: [api]}\n",
                        "  - {name: gate, driver: gate, after: [api]}\n  - {name: ledger, driver: postgresql}\n"
                                + "  - {name: ledger-schema, driver: migrate, after: [ledger],"
                                + " uses: {database: ledger, artifact: api}}\n")
                .replace(
                        "      - {migrate: schema, when: schema-changes}\n",
                        "      - {migrate: schema, when: schema-changes}\n"
                                + "      - {migrate: ledger-schema, when: schema-changes}\n");

        assertTold(
                Example.problems(() -> ProductDocument.read(Text.tree(two, true))),
                "/procedures/2/steps",
                "one hop would migrate database and ledger, and can bring only one of them back");
        assertTold(
                Example.ofProduct(
                        "uses: {database: database, artifact: api}, settings",
                        "uses: {database: store, artifact: api}, settings"),
                "/procedures/2/steps",
                "it migrates store, and checks, backs up or proves database instead");
    }

    @Test
    void saysAtTheStepThatItsUsersCarryAComponent() {
        assertBroken(
                Example.ofProduct(
                        "{name: worker, driver: process,", "{name: worker, cadence: trailing, driver: process,"),
                "whatItsUsersCarryIsAskedFor",
                "/procedures/1/steps/14/redeploy");
    }

    @Test
    void refusesABumpWhoseMigrationsHaveAWayOnlyIfTheyAdd() {
        assertBroken(
                Example.ofProduct(
                        "  - models: [saas, hybrid, self-hosted, air-gapped]\n    bumps: [patch, minor, major]\n",
                        "  - models: [saas, hybrid, self-hosted, air-gapped]\n    bumps: [patch, minor, major]\n"
                                + "    when: additive\n"),
                "whatDoesNotOnlyAddHasAWay",
                "/procedures/2/when");
    }

    @Test
    void refusesEvidenceThatNeverBlocks() {
        String asks = Example.changed("product", "evidence: noticeHasRun", "evidence: notesAreAcknowledged");
        String asksNothing = asks.replace("acknowledge: if-triggered", "acknowledge: nothing")
                .replace("acknowledge: guide", "acknowledge: nothing");

        assertThat(asksNothing).isNotEqualTo(asks);
        assertBroken(
                Example.problems(() -> ProductDocument.read(Text.tree(asksNothing, true))),
                "checklistsHaveEvidence",
                "/procedures/2/checklist/1/evidence");
    }

    @Test
    void refusesATaskThatNoProcedureRunsAndAModelWithoutAProcedure() throws Exception {
        assertTold(
                Example.ofRelease("component: jobs", "component: worker"),
                "/tasks/0/component",
                "runs the tasks of 'worker'");
        assertRefused(
                Example.problems(() -> TenantDocument.lint(
                        Text.tree(Example.text("tenant"), true),
                        ProductDocument.read(Text.tree(
                                Example.changed("product", "[saas, hybrid, self-hosted, air-gapped]", "[saas]"),
                                true)))),
                "/model");
    }

    @Test
    void saysWhyATenantNeedsASetting() {
        assertThat(Example.ofTenant("home: /acme/api", "homme: /acme/api"))
                .anySatisfy(
                        p -> assertThat(p.detail()).contains("needs the setting 'home', because its driver, process"));
        assertThat(Example.ofProduct("migration-period: P90D", "migration-period: 90 days"))
                .anySatisfy(p -> assertThat(p.detail()).doesNotContain("regex"));
    }

    private static void assertTold(List<Problem> problems, String pointer, String text) {
        assertThat(problems).anySatisfy(p -> {
            assertThat(p.pointer()).isEqualTo(pointer);
            assertThat(p.detail() + " → " + p.fix()).contains(text);
        });
    }

    @Test
    void refusesATenantThatIsItsOwnPeer() {
        assertRefused(Example.ofTenant("gate: acme-control", "gate: acme"), "/peers/gate");
    }

    @Test
    void refusesAWindowThatCanNotBeReadNeverOpensOrStaysOpenForNoTime() {
        String whole =
                "{rrule: \"FREQ=WEEKLY;BYDAY=SA,SU\", from: \"2026-01-03T22:00\", length: PT6H, zone: Europe/Berlin}";

        assertRefused(Example.ofTenant(whole, "{from: \"2026-01-03T22:00\", zone: UTC}"), "/windows/0/rrule");
        assertRefused(window("FREQ=DAILY", "22:00", "PT4H"), "/windows/0/from");
        assertRefused(window("FREQ=DAILY", "2026-01-03T22:00", "PT0S"), "/windows/0/length");
        assertRefused(window("FREQ=DAILY", "2026-01-03T22:00", "P32D"), "/windows/0/length");
        assertRefused(window("every day", "2026-01-03T22:00", "PT4H"), "/windows/0/rrule");
        assertRefused(window("FREQ=HOURLY", "2026-01-03T22:00", "PT4H"), "/windows/0/rrule");
        assertRefused(window("FREQ=DAILY;UNTIL=20250101", "2026-01-03T22:00", "PT4H"), "/windows/0/rrule");
        assertRefused(window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-03T22:00", "PT4H"), "/windows/0/rrule");
    }

    private static List<Problem> window(String rule, String from, String length) {
        String whole =
                "{rrule: \"FREQ=WEEKLY;BYDAY=SA,SU\", from: \"2026-01-03T22:00\", length: PT6H, zone: Europe/Berlin}";
        return Example.ofTenant(
                whole, "{rrule: \"%s\", from: \"%s\", length: %s, zone: UTC}".formatted(rule, from, length));
    }

    private static void assertRefused(List<Problem> problems, String pointer) {
        assertThat(problems.stream().map(Problem::pointer)).contains(pointer);
    }

    private static void assertBroken(List<Problem> problems, String rule, String pointer) {
        assertThat(problems).anySatisfy(p -> {
            assertThat(p.rule()).isEqualTo(rule);
            assertThat(p.pointer()).isEqualTo(pointer);
        });
    }
}
