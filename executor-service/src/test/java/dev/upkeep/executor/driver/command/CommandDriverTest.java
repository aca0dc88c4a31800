package dev.upkeep.executor.driver.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each action that a command carries out, with real commands. */
class CommandDriverTest {
    private static final String KEY = "sha256:" + "ab".repeat(32);

    @TempDir
    Path home;

    private final CommandDriver driver =
            new CommandDriver(new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin"))));
    private final Map<String, String> settings = new HashMap<>();

    @Test
    void findsWhatEachActionPromisesInWhatItsCommandPrints() throws Exception {
        assertThat(found(new Action.CheckCompatibility("postgresql", List.of(">=15")), "echo reading; echo 17.2"))
                .isEqualTo(Map.of(Fact.THIRD_PARTY + "postgresql", "17.2"));
        assertThat(found(new Action.SnapshotKey(), "echo " + KEY)).isEqualTo(Map.of(Fact.KEY_FINGERPRINT, KEY));
        assertThat(found(new Action.DryRun(Version.of("1.1.0")), "echo '- image: a'; echo '+ image: b'"))
                .isEqualTo(Map.of(Fact.DRY_RUN_DIFF, "- image: a\n+ image: b"));
        assertThat(found(new Action.BackupConfiguration(), "true"))
                .containsEntry(Fact.CONFIGURATION_PROVEN, "true")
                .containsKey(Fact.CONFIGURATION_BEFORE);
        assertThat(found(new Action.BackupDatabase(Action.Moment.BEFORE), "true"))
                .containsOnlyKeys(Fact.BACKUP_BEFORE);
        assertThat(found(new Action.CheckSettings(List.of("MAIL"), List.of("FAX", "TELEX")), "echo MAIL; echo FAX"))
                .isEqualTo(Map.of(Fact.SETTINGS_STALE, "FAX"));
        for (Action action : List.of(
                new Action.PauseWork(),
                new Action.ResumeWork(),
                new Action.Teardown(),
                new Action.RestoreConfiguration(),
                new Action.AttachKey())) {
            assertThat(found(action, "true")).as(action.word()).isEmpty();
        }
    }

    @Test
    void namesTheSettingsThatAreMissing() throws Exception {
        Outcome.Failed failed = failed(new Action.CheckSettings(List.of("MAIL", "FAX"), List.of()), "echo FAX");

        assertThat(failed.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(failed.reason()).contains("MAIL").doesNotContain("FAX");
    }

    @Test
    void neverRepeatsWhatMayBeTheKeyItself() throws Exception {
        Outcome.Failed printed = failed(new Action.SnapshotKey(), "echo hunter2");
        Outcome.Failed broken = failed(new Action.SnapshotKey(), "echo hunter2; exit 3");

        assertThat(printed.code()).isEqualTo(Failure.FACT_MISSING);
        assertThat(broken.code()).isEqualTo(Failure.TASK_FAILED);
        assertThat(printed.toString() + broken).doesNotContain("hunter2");
    }

    @Test
    void readsOnlyWhatTheLastAttemptPrinted() throws Exception {
        failed(new Action.SnapshotKey(), "echo " + KEY + "; exit 1");

        assertThat(failed(new Action.SnapshotKey(), "true").code()).isEqualTo(Failure.FACT_MISSING);
    }

    @Test
    void saysWhichSettingNamesTheCommandWhereNoneDoesButHasNothingToDoWhereNothingIsCaptured() throws Exception {
        Outcome.Failed failed = (Outcome.Failed) driver.perform(request(1, new Action.PauseWork()), work());

        assertThat(failed.code()).isEqualTo(Failure.UNKNOWN_TASK);
        assertThat(failed.fix()).contains("do.pause-work");
        assertThat(driver.perform(request(1, new Action.EndCapture()), work())).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void doesAgainWhatIsHarmlessAndNeverATaskThatBegan() throws Exception {
        settings.put("do.pause-work", "/bin/sh -c 'echo once >> " + home + "/effects'");
        settings.put("task.note", "true");
        Files.writeString(home.resolve("u-acme.u-acme-pause-work.begun"), "0");
        Files.writeString(home.resolve("u-acme.u-acme-run-task.begun"), "0");

        assertThat(driver.perform(request(1, new Action.PauseWork()), work())).isInstanceOf(Outcome.Done.class);
        assertThat(driver.perform(request(2, new Action.PauseWork()), work())).isInstanceOf(Outcome.Done.class);
        assertThat(driver.perform(request(3, new Action.RunTask("note")), work()))
                .isInstanceOf(Outcome.Uncertain.class);

        assertThat(Files.readString(home.resolve("effects"))).isEqualTo("once\n");
        assertThat(driver.repeatable(new Action.PauseWork())).isTrue();
        assertThat(driver.repeatable(new Action.RunTask("note"))).isFalse();
    }

    @Test
    void looksAndFindsTheSameFactsAgain() throws Exception {
        Action key = new Action.SnapshotKey();
        found(key, "echo " + KEY);

        assertThat(driver.look(request(1, key), work()))
                .isInstanceOfSatisfying(
                        Look.Done.class, done -> assertThat(done.found()).containsEntry(Fact.KEY_FINGERPRINT, KEY));
    }

    private Map<String, String> found(Action action, String script) throws Exception {
        return ((Outcome.Done) performed(action, script)).found();
    }

    private Outcome.Failed failed(Action action, String script) throws Exception {
        return (Outcome.Failed) performed(action, script);
    }

    private Outcome performed(Action action, String script) throws Exception {
        settings.put("do." + action.word(), "/bin/sh -c \"" + script + "\"");
        return driver.perform(request(1, action), work());
    }

    private StepRequested request(long token, Action action) {
        settings.put("home", home.toString());
        return Ready.request(token, action, Ready.target("tool", "command", settings, Map.of()), Map.of(), Map.of());
    }

    private TestWork work() throws IOException {
        return TestWork.in(Files.createTempDirectory(home, "work"));
    }
}
