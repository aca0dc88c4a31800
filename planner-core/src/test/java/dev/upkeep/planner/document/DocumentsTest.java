package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.planner.core.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final String RELEASE = """
            product: inkwell
            version: 1.1.0
            artifacts: [{component: app, location: "file:///a.jar", digest: "sha256:%s"}]
            migrations: [{id: "2", reversible: true}]
            """.formatted("0".repeat(64));
    private static final String TENANT = """
            tenant: acme
            account: acme-inc
            product: inkwell
            version: 1.0.0
            model: saas
            ring: general
            windows: [{rrule: FREQ=WEEKLY;BYDAY=MO, from: "2026-01-05T22:00", length: PT6H, zone: Europe/Berlin}]
            components:
              database: {settings: {url: "jdbc:postgresql://h/acme", user: u, password: "env:P"}}
              app: {settings: {home: /acme, port: 18080}}
              gate: {settings: {admin: "http://h:1"}}
            """;

    @Test
    void readsTheSampleProduct() throws Exception {
        Product product = ProductDocument.read(Text.tree(inkwell(), true));

        assertThat(product.components()).hasSize(4);
        assertThat(product.procedures().getFirst().steps()).hasSize(15);
        assertThat(product.component(new ComponentName("schema")).orElseThrow().uses())
                .containsEntry("artifact", new ComponentName("app"));
        assertThat(ReleaseDocument.read(Text.tree(RELEASE, true), product).migrations())
                .hasSize(1);
        assertThat(TenantDocument.read(Text.tree(TENANT, true), product)
                        .settings()
                        .get(new ComponentName("app")))
                .containsEntry("port", "18080");
    }

    @Test
    void namesTheUnknownKeyAndWhatWasMeant() throws Exception {
        String text = inkwell().replace("driver: gate", "drivr: gate");

        assertThat(problems(() -> ProductDocument.read(Text.tree(text, true))))
                .anySatisfy(p -> {
                    assertThat(p.pointer()).isEqualTo("/components/3/drivr");
                    assertThat(p.fix()).contains("did you mean 'driver'");
                })
                .anySatisfy(p -> assertThat(p.pointer()).isEqualTo("/components/3/driver"));
    }

    @Test
    void tellsAllProblemsOfADescriptorAtOnce() throws Exception {
        String text = inkwell()
                .replace("driver: process", "driver: puppet")
                .replace("after: [database]", "after: [gate]")
                .replace("{drain: gate}", "{drain: database}")
                .replace("{stop: app}", "{stop: engine}");

        List<Problem> problems = problems(() -> ProductDocument.read(Text.tree(text, true)));

        assertThat(problems.stream().map(Problem::detail))
                .anyMatch(d -> d.contains("unknown driver 'puppet'"))
                .anyMatch(d -> d.contains("cycle: schema → gate → app → schema"))
                .anyMatch(d -> d.contains("has no action 'drain'"))
                .anyMatch(d -> d.contains("unknown component 'engine'"));
        assertThat(problems).allSatisfy(p -> assertThat(p.fix()).isNotBlank());
    }

    @Test
    void refusesAProcedureWithNoWayBack() throws Exception {
        String unproven = inkwell().replace("      - {prove-backup: database, uses: {schema: schema}}\n", "");
        String neverOpened = inkwell().replace("      - {open-traffic: gate}\n", "");

        assertThat(problems(() -> ProductDocument.read(Text.tree(unproven, true))))
                .anyMatch(p -> p.detail().contains("without prove-backup"));
        assertThat(problems(() -> ProductDocument.read(Text.tree(neverOpened, true))))
                .anyMatch(p -> p.detail().contains("never opened again"));
    }

    @Test
    void refusesABadVersionAMissingDigestAndAnUnknownComponentOfARelease() throws Exception {
        Product product = ProductDocument.read(Text.tree(inkwell(), true));
        String text = RELEASE.replace("version: 1.1.0", "version: v1.1")
                .replace(", digest: \"sha256:" + "0".repeat(64) + "\"", "")
                .replace("component: app", "component: engine");

        List<Problem> problems = problems(() -> ReleaseDocument.read(Text.tree(text, true), product));

        assertThat(problems.stream().map(Problem::pointer))
                .containsExactlyInAnyOrder("/version", "/artifacts/0/digest", "/artifacts/0/component");
        assertThat(problems).anyMatch(p -> p.fix().contains("sha256sum"));
    }

    @Test
    void refusesASecretInClearAnUnknownRingAndAMissingSettingOfATenant() throws Exception {
        Product product = ProductDocument.read(Text.tree(inkwell(), true));
        String text = TENANT.replace("env:P", "hunter2")
                .replace("ring: general", "ring: vip")
                .replace("home: /acme, ", "")
                .replace("Europe/Berlin", "Europe/Atlantis");

        assertThat(problems(() -> TenantDocument.read(Text.tree(text, true), product)).stream()
                        .map(Problem::pointer))
                .containsExactlyInAnyOrder(
                        "/ring",
                        "/windows/0/zone",
                        "/components/database/settings/password",
                        "/components/app/settings/home");
    }

    @Test
    void takesAReferenceOfEachSchemeForASecretAndRefusesOneIntoAVaultThatIsNotWhole() throws Exception {
        Product product = ProductDocument.read(Text.tree(inkwell(), true));
        for (String reference : List.of("env:P", "file:/run/p", "vault:kv/acme/db#password", "vault:a/b/c/d#p")) {
            assertThat(TenantDocument.read(Text.tree(TENANT.replace("env:P", reference), true), product))
                    .isNotNull();
        }
        for (String reference : List.of("vault:kv", "vault:kv#p", "vault:kv/acme", "vault:kv/acme#", "vault:/a#p")) {
            String text = TENANT.replace("env:P", reference);
            assertThat(problems(() -> TenantDocument.read(Text.tree(text, true), product)))
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.pointer()).isEqualTo("/components/database/settings/password");
                        assertThat(problem.fix()).contains("vault:MOUNT/PATH#FIELD");
                    });
        }
    }

    @Test
    void refusesAKeyThatIsGivenTwiceAndTextThatIsNoDocument() {
        assertThat(problems(() -> Text.tree("a: 1\na: 2\n", true))).hasSize(1);
        assertThat(problems(() -> Text.tree("{\"a\":1,\"a\":2}", false))).hasSize(1);
        assertThat(problems(() -> Text.tree("", true))).hasSize(1);
        assertThat(problems(() -> Text.tree("[1", false))).hasSize(1);
    }

    @Test
    void writesTheSameContentTheSameWay() throws Exception {
        assertThat(Text.canonical(Text.tree("{b: 1, a: {d: 2, c: 3}}", true)))
                .isEqualTo(Text.canonical(Text.tree("{\"a\":{\"c\":3,\"d\":2},\"b\":1}", false)));
    }

    @Test
    void publishesTheSchemasItChecksBy() throws Exception {
        for (String kind : List.of("product", "release", "tenant")) {
            assertThat(Files.readString(Path.of("../docs/reference/" + kind + ".schema.json")))
                    .isEqualTo(Files.readString(Path.of("src/main/resources/schemas/" + kind + ".schema.json")));
        }
    }

    private static List<Problem> problems(ThrowingCallable reading) {
        Refused refused = catchThrowableOfType(Refused.class, reading);
        assertThat(refused).as("refusal").isNotNull();
        return refused.problems();
    }

    private static String inkwell() throws IOException {
        return Files.readString(Path.of("../deploy/products/inkwell.yaml"));
    }
}
