package dev.upkeep.planner.products;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Preview;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.runbook.Runbook;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The upgrades of real products as pages for people: every step has its commands, and the shell takes them. */
class RunbooksTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```+bash\\n(.*?)\\n```+$");

    static List<String> products() {
        return Shelf.products();
    }

    @ParameterizedTest
    @MethodSource("products")
    void givesCommandsForEveryUpgradeOfASampleTenant(String name) throws IOException, InterruptedException {
        Shelf shelf = Shelf.of(name);
        for (Tenant tenant : shelf.tenants()) {
            for (Release release : shelf.releases()) {
                hold(shelf.product(), tenant, shelf.releases(), release.version());
            }
        }
    }

    @Test
    void saysOfTheOrderOnlyWhatIsSo() {
        // The database's own pod comes up before; what migrates by itself is the step, and stops what ran.
        assertThat(page("aegis lab-aegis 0.8.1 0.9.0"))
                .contains("Step 12 starts what changes the schema when it comes up, `core`. 0.8.1 must never meet")
                .contains("is stopped by step 12 at the latest")
                .contains("Of 0.9.0, `temporal`, `seal-gateway` comes up only once it is done")
                .contains("What comes up before, `database`, does not run on that database")
                .contains("The product's procedure asks for it here, or a release that is crossed does.");
        // Old and new serve side by side.
        assertThat(page("ampora acme-prod 1.4.2 1.5.0"))
                .contains("All that it does is to add, so 1.4.2 goes on serving")
                .doesNotContain("is stopped before step");
    }

    private static String page(String text) {
        Case planned = Case.of(text);
        Plan plan = switch (planned.planned()) {
            case Planning.Planned.Way way -> way.plan();
            case Planning.Planned.NoWay none -> throw new AssertionError(none.reasons());
        };
        return Runbook.markdown(new Preview(
                planned.tenant().id(),
                plan.from(),
                plan.to(),
                List.of(new Preview.Hop(plan, Duration.ofMinutes(20), Duration.ofMinutes(10), List.of())),
                List.of(),
                List.of(),
                List.of()));
    }

    /** Whatever is published: each model by each bump, with a migration and without. */
    @ParameterizedTest
    @MethodSource("products")
    void givesCommandsForEveryModelAndBump(String name) throws IOException, InterruptedException {
        Product product = Shelf.of(name).product();
        int ways = 0;
        for (Product.Procedure procedure : product.procedures()) {
            for (Model model : procedure.models()) {
                for (String target : List.of("7.4.1", "7.5.0", "8.0.0")) {
                    for (boolean migrates : List.of(true, false)) {
                        List<Release> releases =
                                List.of(release(product, "7.4.0", false), release(product, target, migrates));
                        ways += hold(product, tenant(product, model), releases, Version.of(target)) ? 1 : 0;
                    }
                }
            }
        }
        assertThat(ways).as("upgrades of " + name).isPositive();
    }

    private static boolean hold(Product product, Tenant tenant, List<Release> releases, Version to)
            throws IOException, InterruptedException {
        Planning.Planned planned = Planning.plan(product, tenant, releases, to, peers(tenant));
        if (!(planned instanceof Planning.Planned.Way way)) {
            return false;
        }
        String page = Runbook.markdown(preview(tenant, way.plan()));
        String upgrade = product.name() + " " + tenant.id() + " to " + to;

        assertThat(page).as(upgrade).doesNotContain("There is no command for this");
        StringBuilder all = new StringBuilder();
        Matcher block = BLOCK.matcher(page);
        while (block.find()) {
            all.append(block.group(1)).append('\n');
        }
        assertThat(complaint(all.toString())).as(upgrade + ":\n" + all).isEmpty();
        return true;
    }

    private static Release release(Product product, String version, boolean migrates) {
        Map<ComponentName, Artifact> artifacts = new HashMap<>();
        product.components()
                .forEach(c -> artifacts.put(
                        c.name(),
                        new Artifact(
                                "registry.example/" + c.name() + ":" + version,
                                new Digest("sha256:" + "0".repeat(64)))));
        return Release.plain(
                product.name(),
                Version.of(version),
                artifacts,
                migrates ? List.of(new Migration(version, true, true, Set.of(Migration.Trait.values()))) : List.of(),
                Release.Notes.NONE);
    }

    private static Tenant tenant(Product product, Model model) {
        Map<ComponentName, Map<String, String>> settings = new HashMap<>();
        for (Product.Component component : product.components()) {
            boolean isDatabase = component.driver().value().equals("postgresql");
            settings.put(
                    component.name(),
                    Map.of(
                            "url", isDatabase ? "jdbc:postgresql://db.example/its" : "https://its.example",
                            "user", "it's",
                            "password", "file:/run/secrets/pg",
                            "home", "/srv/" + component.name(),
                            "admin", "http://127.0.0.1:9000",
                            "metrics", "https://its.example/metrics",
                            "port", "8080"));
        }
        return new Tenant(
                new TenantId("acme"),
                new AccountId("acme-inc"),
                product.name(),
                Version.of("7.4.0"),
                model,
                product.rings().getFirst().name(),
                ZoneOffset.UTC,
                List.of(),
                List.of(),
                settings,
                Tenant.Site.PLAIN);
    }

    private static Map<ComponentName, Version> peers(Tenant tenant) {
        Map<ComponentName, Version> peers = new HashMap<>();
        tenant.site().peers().forEach((component, peer) -> peers.put(component, tenant.version()));
        return peers;
    }

    private static Preview preview(Tenant tenant, Plan plan) {
        return new Preview(
                tenant.id(),
                plan.from(),
                plan.to(),
                List.of(new Preview.Hop(plan, Duration.ofMinutes(20), Duration.ofMinutes(10), List.of())),
                List.of(),
                List.of(),
                List.of());
    }

    private static String complaint(String script) throws IOException, InterruptedException {
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var in = bash.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        bash.waitFor();
        return said;
    }
}
