package dev.upkeep.planner.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Preview;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sample product's upgrade as a page that a person can follow. */
class RunbookTest {
    private static final String TENANT = """
            tenant: acme
            account: acme-inc
            product: inkwell
            version: 1.0.0
            model: saas
            ring: general
            components:
              database: {settings: {url: "jdbc:postgresql://db.acme.example:5433/it's", user: "o'neil", password: "file:/run/secrets/pg pw"}}
              app: {settings: {home: "/srv/ink well", port: "18080", env.PORT: "18080", env.KEY: "env:INK_KEY", env.TOKEN: "vault:kv/ink#token"}}
              gate: {settings: {admin: "http://127.0.0.1:19090"}}
            """;

    @Test
    void givesOnlyCommandsThatTheShellTakes() throws Exception {
        String page = Runbook.markdown(preview(true));

        List<String> blocks = blocks(page);

        assertThat(blocks).hasSizeGreaterThan(30);
        for (String block : blocks) {
            assertThat(Bash.complaint(block)).as(block).isEmpty();
        }
    }

    @Test
    void hasASectionForEveryStepAndEveryWayBack() throws Exception {
        Preview preview = preview(true);

        String page = Runbook.markdown(preview);

        Plan plan = preview.hops().getFirst().plan();
        plan.forward().forEach(step -> assertThat(page).contains(Page.escaped(step.title())));
        assertThat(page).contains("### Way back: nothing");
        assertThat(page).contains("### Way back: reading");
        assertThat(page).contains("### Way back: unchanged");
        assertThat(page).contains("### Way back: reversible");
        assertThat(page).contains("### Way back: irreversible");
        long steps = plan.forward().size()
                + plan.undo().values().stream().mapToInt(List::size).sum();
        assertThat(page.lines().filter(line -> line.startsWith("- **You must see:**")))
                .hasSize((int) steps);
        assertThat(page.lines().filter(line -> line.startsWith("- **If not:**")))
                .hasSize((int) steps);
    }

    @Test
    void leadsToPlacesThatAreThere() throws Exception {
        String page = Runbook.markdown(preview(true));

        List<String> anchors = found(page, "<a id=\"([^\"]+)\">");
        List<String> links = found(page, "\\(#([^)]+)\\)");

        assertThat(anchors).doesNotHaveDuplicates();
        assertThat(links).isNotEmpty();
        assertThat(anchors).containsAll(links);
    }

    @Test
    void saysWhichOrderKeepsTheOldVersionFromTheNewSchema() throws Exception {
        String changing = Runbook.markdown(preview(true));
        String unchanging = Runbook.markdown(preview(false));

        assertThat(changing)
                .contains("Step 10 changes the schema. 1.0.0 must never meet what comes out of it")
                .containsSubsequence("9. stop app", "10. migrate schema", "11. start app");
        assertThat(unchanging).contains("This hop changes no schema").doesNotContain("migrate schema");
        // On the way back the new version is stopped, the schema goes back, and only then the old one starts.
        assertThat(changing.substring(changing.indexOf("### Way back: irreversible")))
                .containsSubsequence("stop app", "export-writes", "restore-database", "start app 1.0.0");
        assertThat(changing.substring(changing.indexOf("### Way back: reversible")))
                .containsSubsequence("stop app", "revert-migrations", "start app 1.0.0");
    }

    @Test
    void tellsNoSecretAndAsksForWhatIsNotKnown() throws Exception {
        String page = Runbook.markdown(preview(true));

        assertThat(page)
                .contains("PGPASSWORD=\"$(cat '/run/secrets/pg pw')\"")
                .contains("PGUSER='o'\\''neil'")
                .contains("PGDATABASE='it'\\''s'")
                .contains("KEY=\"${INK_KEY:?}\"")
                .contains("export APP_ENV_TOKEN=  # the secret vault:kv/ink#token")
                .contains("TOKEN=\"${APP_ENV_TOKEN:?}\"");
    }

    @Test
    void takesCommandsFromTheTenantsOwnSettings() throws Exception {
        String page = Runbook.markdown(preview(true));

        assertThat(page)
                .contains("setsid java -Xmx48m -jar '/srv/ink well/releases/1.1.0/artifact.jar'")
                .contains("curl -fsS http://127.0.0.1:18080/version | jq -r 'getpath([\"version\"])'")
                .contains("| curl -fsS -X PUT".replace("| ", ""))
                .contains("http://127.0.0.1:19090/gate");
    }

    @Test
    void showsWhatIsInTheWayAndWhatMustBeRead() throws Exception {
        String page = Runbook.markdown(preview(true));

        assertThat(page)
                .contains("- `insideWindow`: outside \\*every\\* window, until 2026-03-07T22:00:00Z")
                .contains("**Read what 1.1.0 says**, in particular where it says remove:")
                .contains("- changed: notes \\`x\\` are \\<b\\>")
                .contains("It takes about **20 min**, and going back takes up to **10 min**");
    }

    @Test
    void saysWhyThereIsNoWay() throws Exception {
        Preview way = preview(true);

        String page = Runbook.markdown(new Preview(
                way.tenant(),
                way.from(),
                way.to(),
                List.of(),
                List.of("nobody published 1.1.0"),
                List.of(),
                List.of()));

        assertThat(page).contains("**There is no way:** nobody published 1.1.0.");
    }

    /** The upgrade of a tenant with odd names; with migrations or without. */
    private static Preview preview(boolean migrates) throws IOException, Refused {
        Product product =
                ProductDocument.read(Text.tree(Files.readString(Path.of("../deploy/products/inkwell.yaml")), true));
        Tenant tenant = TenantDocument.read(Text.tree(TENANT, true), product);
        List<Release> releases = new ArrayList<>();
        for (String version : List.of("1.0.0", "1.1.0")) {
            releases.add(ReleaseDocument.read(
                    Text.tree(
                            """
                    product: inkwell
                    version: %s
                    artifacts: [{component: app, location: "file:///releases/%s.jar", digest: "sha256:%s"}]
                    migrations: %s
                    """.formatted(
                                    version,
                                    version,
                                    "0".repeat(64),
                                    migrates
                                            ? "[{id: \"" + version + "\", reversible: true, transactional: true}]"
                                            : "[]"),
                            true),
                    product));
        }
        Planning.Planned planned = Planning.plan(product, tenant, releases, Version.of("1.1.0"));
        Plan plan = switch (planned) {
            case Planning.Planned.Way way -> way.plan();
            case Planning.Planned.NoWay none -> throw new AssertionError(none.reasons());
        };
        return new Preview(
                tenant.id(),
                tenant.version(),
                Version.of("1.1.0"),
                List.of(new Preview.Hop(plan, Duration.ofMinutes(20), Duration.ofMinutes(10), List.of())),
                List.of(),
                List.of(new Blocker(
                        "insideWindow", "outside *every* window", Optional.of(Instant.parse("2026-03-07T22:00:00Z")))),
                List.of(new Preview.Note(
                        Version.of("1.1.0"), List.of("changed: notes `x` are <b>"), Set.of("remove"), "")));
    }

    private static List<String> blocks(String page) {
        return found(page, "(?ms)^```+bash\\n(.*?)\\n```+$");
    }

    private static List<String> found(String page, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(page);
        Stream.Builder<String> found = Stream.builder();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found.build().toList();
    }
}
