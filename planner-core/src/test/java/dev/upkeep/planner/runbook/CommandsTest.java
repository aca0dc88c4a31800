package dev.upkeep.planner.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import dev.upkeep.planner.core.Outline;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of every driver, with whatever a tenant may have set. */
class CommandsTest {
    private static final Version FROM = Version.of("1.0.0");
    private static final Version TO = Version.of("1.1.0");
    private static final ComponentName APP = new ComponentName("app");
    private static final ComponentName DATABASE = new ComponentName("database");
    private static final List<String> ODD = List.of(
            "it's",
            "$(echo >canary)",
            "`echo >canary`",
            "a b",
            "\"quoted\"",
            "x; echo >canary",
            "x' ; echo >canary ; '",
            "line\necho >canary",
            "-n",
            "ünï ✓",
            "*",
            "~",
            "a&b|c>canary",
            "\\",
            "!!",
            "#x",
            "");

    @TempDir
    Path folder;

    @Test
    void isNeverTheNameOfAnAnchor() throws Exception {
        String text = Files.readString(Path.of("src/main/resources/dev/upkeep/planner/runbook/commands.yaml"));
        List<String> anchors = Pattern.compile(": &([a-z-]+) ")
                .matcher(text)
                .results()
                .map(m -> m.group(1))
                .toList();

        assertThat(anchors).contains("helm-upgrade", "same-fingerprint");
        assertThat(Commands.all().templates())
                .doesNotContainAnyElementsOf(anchors)
                .hasSizeGreaterThan(60);
    }

    @Test
    void quotesAnyTextAsOneWord() {
        List<String> texts = new ArrayList<>(ODD);
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < random.nextInt(12); j++) {
                text.append((char) (1 + random.nextInt(126)));
            }
            texts.add(text.toString());
        }

        assertThat(Bash.words(String.join(" ", texts.stream().map(Shell::word).toList())))
                .containsExactlyElementsOf(texts);
    }

    @Test
    void leavesSecretsWhereTheyAre() throws IOException {
        Path secret = Files.writeString(folder.resolve("it's a secret"), "p w'd\n");
        Needs needs = new Needs();

        assertThat(Bash.words(Shell.setting("file:" + secret, "x", needs))).containsExactly("p w'd");
        assertThat(Shell.setting("env:SECRET", "x", needs)).isEqualTo("\"${SECRET:?}\"");
        assertThat(Bash.words(Shell.setting("env:SECRET", "x", needs))).containsExactly("s3 cr$t");
        assertThat(needs.variables()).isEmpty();
        assertThat(Shell.setting("vault:kv/db#pw", "database_password", needs)).isEqualTo("\"${DATABASE_PASSWORD:?}\"");
        assertThat(needs.variables()).containsEntry("DATABASE_PASSWORD", "the secret vault:kv/db#pw");
    }

    @Test
    void givesCommandsThatTheShellTakesWhateverIsSet() {
        int looked = 0;
        for (String odd : ODD) {
            StringBuilder all = new StringBuilder();
            for (Map.Entry<String, String> filled : filled(odd).entrySet()) {
                all.append("\n: '").append(filled.getKey()).append("'\n").append(filled.getValue());
                looked++;
            }

            String complaint = Bash.complaint(all.toString());

            assertThat(complaint).as("with '" + odd + "': " + complaint).isEmpty();
        }
        assertThat(looked).isGreaterThan(ODD.size() * 60);
    }

    @Test
    void runsNothingThatStandsInASetting() {
        for (String odd : ODD) {
            if (!odd.contains("canary")) {
                continue;
            }
            StringBuilder together = new StringBuilder();
            filled(odd).forEach((name, commands) -> {
                if (commands.contains("until ") || commands.contains("while ")) {
                    // It waits for something that never comes, and is ended.
                    Bash.alone(commands, folder, "0.3");
                    assertThat(folder.resolve("canary"))
                            .as(name + " with '" + odd + "':\n" + commands)
                            .doesNotExist();
                } else {
                    together.append("(\n").append(commands).append("\n)\n");
                }
            });
            Bash.alone(together.toString(), folder, "25");
            assertThat(folder.resolve("canary"))
                    .as("with '" + odd + "':\n" + together)
                    .doesNotExist();
        }
        Bash.alone("(\n: \"$(echo >canary)\"\n)\n", folder, "25");
        assertThat(folder.resolve("canary")).as("what the test would see").exists();
    }

    @Test
    void fillsNothingInWhereItWouldNotBeAWord() {
        for (String template : Commands.all().templates()) {
            boolean text = false;
            for (String line : template.lines().toList()) {
                String stripped = line.strip();
                text &= !stripped.equals("SQL");
                Matcher placeholder = Filling.PLACEHOLDER.matcher(line);
                while (placeholder.find()) {
                    String before = line.substring(0, placeholder.start());
                    assertThat(text || stripped.startsWith("#") || isWithinQuotes(before))
                            .as(placeholder.group() + " in: " + line)
                            .isFalse();
                }
                text |= stripped.contains("<<'SQL'");
            }
        }
    }

    @Test
    void hasWordsForEveryAction() {
        assertThat(Commands.all().words())
                .containsExactlyInAnyOrderElementsOf(new TreeSet<>(actions().keySet()));
    }

    /** A word that is quoted may hold quotes, so only what the template itself writes is looked at. */
    private static boolean isWithinQuotes(String before) {
        boolean single = false;
        boolean twice = false;
        int depth = 0;
        List<Boolean> outer = new ArrayList<>();
        for (int i = 0; i < before.length(); i++) {
            char c = before.charAt(i);
            if (c == '\'' && !twice) {
                single = !single;
            } else if (c == '"' && !single) {
                twice = !twice;
            } else if (!single && before.startsWith("$(", i)) {
                // A substitution begins anew, even within quotes.
                outer.add(twice);
                twice = false;
                depth++;
            } else if (!single && c == ')' && depth > 0 && !twice) {
                twice = outer.removeLast();
                depth--;
            }
        }
        return single || twice;
    }

    /** Every driver's commands for every action, all settings being the same text. */
    private static Map<String, String> filled(String value) {
        Map<String, String> filled = new TreeMap<>();
        Map<String, Action> actions = actions();
        for (String driver : Commands.all().drivers()) {
            for (String key : Commands.all().actions(driver)) {
                for (String engine : driver.equals("migrate") ? List.of("flyway", "command") : List.of("flyway")) {
                    Action action = actions.get(key);
                    assertThat(action).as(key).isNotNull();
                    Plan plan = plan(driver, engine, value, action);
                    Step step = plan.forward().getFirst();
                    Commands.all()
                            .of(plan.targets().getFirst(), action)
                            .ifPresent(template -> filled.put(
                                    driver + "/" + key + "/" + engine,
                                    new Filling(new Values("t", plan, step), new Needs()).fill(template)));
                }
            }
        }
        return filled;
    }

    private static Map<String, Action> actions() {
        List<Action> all = List.of(
                new Action.CheckCapacity(0.2),
                new Action.CheckSettings(List.of("A", "B"), List.of()),
                new Action.CheckCompatibility("postgresql", List.of(">=15")),
                new Action.CheckSchema(Moment.BEFORE),
                new Action.CheckSchema(Moment.FAILED),
                new Action.Baseline(Duration.ofSeconds(9)),
                new Action.BackupDatabase(Moment.BEFORE),
                new Action.BackupDatabase(Moment.FAILED),
                new Action.ProveBackup(),
                new Action.BackupConfiguration(),
                new Action.SnapshotKey(),
                new Action.EndCapture(),
                new Action.ParkTraffic(Duration.ofSeconds(5)),
                new Action.PauseWork(),
                new Action.Drain(),
                new Action.FetchArtifact(TO),
                new Action.DryRun(TO),
                new Action.Stop(),
                new Action.Migrate(TO),
                new Action.Start(TO, Moment.AFTER),
                new Action.Redeploy(TO, Moment.AFTER),
                new Action.Teardown(),
                new Action.RunTask("reindex"),
                new Action.VerifyShut(TO, Moment.AFTER),
                new Action.VerifyOpen(TO, Duration.ofSeconds(9)),
                new Action.ResumeWork(),
                new Action.OpenTraffic(),
                new Action.ExportWrites(),
                new Action.RestoreDatabase(),
                new Action.RevertMigrations(List.of("2", "it's 3")),
                new Action.RestoreConfiguration(),
                new Action.AttachKey(),
                new Action.Ask("do it"));
        Map<String, Action> byKey = new TreeMap<>();
        all.forEach(action -> byKey.put(Commands.key(action), action));
        return byKey;
    }

    private static Plan plan(String driver, String engine, String value, Action action) {
        Map<String, String> settings = new HashMap<>();
        for (String template : Commands.all().templates()) {
            Matcher placeholder = Filling.PLACEHOLDER.matcher(template);
            while (placeholder.find()) {
                for (int group : List.of(2, 4, 5)) {
                    String name = placeholder.group(group);
                    if (name != null && name.startsWith("setting.")) {
                        settings.put(name.substring("setting.".length()), value);
                    }
                }
            }
        }
        settings.put("engine", engine);
        settings.put("prepare.1", "run " + value);
        settings.put("tag-variable", value);
        settings.put("login", value);
        settings.put("task.reindex", "run " + value + " {home} {to}");
        settings.put("admin", "http://" + value);
        settings.put("location", value);
        settings.put("env.ONE", value);
        settings.put("env." + (value.isEmpty() ? "TWO" : value), value);
        Map<String, String> database =
                Map.of("url", "jdbc:postgresql://localhost:5432/" + value, "user", value, "password", "file:" + value);
        if (driver.equals("postgresql")) {
            settings.putAll(database);
        }
        Map<String, Artifact> artifacts = Map.of(
                TO.toString(), new Artifact(value.isBlank() ? "x" : value, new Digest("sha256:" + "0".repeat(64))));
        Step step = new Step(
                new StepId("01-x"),
                action,
                APP,
                Map.of("database", DATABASE, "schema", APP, "artifact", APP),
                Duration.ofMinutes(2));
        return new Plan(
                new ProductName("odd"),
                FROM,
                TO,
                Product.Undo.AS_FOUND,
                List.of(step),
                Map.of(),
                List.of(
                        new Target(APP, new DriverName(driver), settings, artifacts),
                        new Target(DATABASE, new DriverName("postgresql"), database, Map.of())),
                List.of(new Migration("2", true, true), new Migration("it's 3", true, true)),
                List.of(),
                List.of(),
                new Outline(Product.Style.STOP_AND_START, Duration.ZERO, false, List.of(), List.of(), List.of()));
    }
}
