package dev.upkeep.planner.runbook;

import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Target;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A section for each step of a plan: what and why, the commands, what must be seen, what to do if it is not. */
final class Sections {
    private final String tenant;
    private final Plan plan;
    private final Needs needs;
    private final Looks looks;

    Sections(String tenant, Plan plan, Needs needs) {
        this.tenant = tenant;
        this.plan = plan;
        this.needs = needs;
        this.looks = new Looks(plan, tenant, needs);
    }

    /** Adds a step's section; {@code back} says where to go from there if it is not done. */
    void add(Page page, Step step, String heading, String anchor, String back) {
        page.heading(3, Page.escaped(heading), anchor);
        page.paragraph(Page.escaped(Telling.does(plan, step)) + " *" + Page.escaped(Telling.why(plan, step)) + "*");
        Values values = new Values(tenant, plan, step);
        Optional<String> commands = own(values)
                .or(() -> Commands.all()
                        .of(target(step), step.action())
                        .map(template -> new Filling(values, needs).fill(template)))
                .or(() -> looks.of(step))
                .filter(text -> !text.isBlank());
        commands.ifPresent(page::commands);
        if (step.action() instanceof Action.ProveBackup) {
            rehearsal(page, step);
        }
        if (commands.isEmpty() && !(step.action() instanceof Action.Person)) {
            page.paragraph("There is no command for this: do it as you do it there.");
        }
        List<String> seen = new ArrayList<>(List.of("**You must see:** " + Page.escaped(Telling.see(plan, step))
                + " At most " + Page.span(step.deadline()) + " pass."));
        if (step.action() instanceof Action.VerifyOpen || step.action() instanceof Action.Baseline) {
            looks.bounds().forEach(bound -> seen.add("**Figure:** " + Page.escaped(bound)));
        }
        seen.add("**If not:** " + Page.escaped(Telling.otherwise(plan, step)) + back);
        page.list(seen);
    }

    /** A component may say by itself what does an action. */
    private Optional<String> own(Values values) {
        boolean reverts = values.step().action() instanceof Action.RevertMigrations;
        String name =
                "setting.do." + (reverts ? "revert" : values.step().action().word());
        if (values.find(name).isEmpty()) {
            return Optional.empty();
        }
        Filling filling = new Filling(values, needs);
        String run = filling.fill("{run " + name + "}");
        // A command that is not told which migration takes back the last one, and is run once.
        return Optional.of(
                reverts && run.contains("$migration")
                        ? filling.fill("for migration in {migrations}; do") + " " + run + " || break; done"
                        : run);
    }

    /** The migrations on the restored copy, by the same commands that run them later. */
    private void rehearsal(Page page, Step step) {
        Values proving = new Values(tenant, plan, step);
        Optional<Target> schema = proving.role("schema");
        Optional<String> scratch = proving.find("scratch.url");
        if (schema.isEmpty() || scratch.isEmpty() || plan.migrations().isEmpty()) {
            return;
        }
        Step migrates = new Step(
                step.id(), new Action.Migrate(plan.to()), schema.get().component(), step.uses(), step.deadline());
        Values rehearsing = new Values(tenant, plan, migrates)
                .with(Map.of(
                        "database.url", scratch.get(),
                        "database.user", proving.find("pg.user").orElse(""),
                        "database.password", proving.find("pg.password").orElse("")));
        Optional<String> commands = own(rehearsing)
                .or(() -> Commands.all()
                        .of(schema.get(), migrates.action())
                        .map(template -> new Filling(rehearsing, needs).fill(template)));
        commands.ifPresent(known -> {
            page.paragraph("Then the migrations of " + plan.to()
                    + ", on the copy and nowhere else: look at where these commands"
                    + " go before you run them. What they need of the new version is fetched in a later step; it lies beside"
                    + " what runs, so fetch it now.");
            page.commands(known + "\n" + new Filling(proving, needs).fill("""
                    export PGHOST={pg.host} PGPORT={pg.port} PGUSER={pg.user} PGPASSWORD={pg.password}
                    pg_dump --schema-only --no-owner --exclude-schema=upkeep --dbname={scratch} | grep -v -e '^--' -e '^\\\\' | sha256sum | tee "$RUN"/schema.after
                    dropdb {scratch}"""));
        });
    }

    private Target target(Step step) {
        return plan.targets().stream()
                .filter(t -> t.component().equals(step.component()))
                .findFirst()
                .orElseThrow();
    }
}
