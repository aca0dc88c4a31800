package dev.upkeep.executor.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalProgramsTest {
    private final LocalPrograms programs = new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin")));

    @TempDir
    Path directory;

    @Test
    void aProgramDiesWithTheExecutorThatRanIt() throws Exception {
        Process executor = Mortal.live("program", directory);
        Path pid = directory.resolve("pid");
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> Files.exists(pid) && Files.size(pid) > 1);
        ProcessHandle program =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();

        executor.destroyForcibly().waitFor();

        Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> !alive(program));
    }

    @Test
    void givesAProgramACleanEnvironmentAndKeepsItsLastLines() throws Exception {
        Programs.Ran ran = programs.run(
                List.of("/usr/bin/env"), Map.of("COLOUR", "red"), directory, directory.resolve("output"), work());

        assertThat(ran.exit()).isZero();
        assertThat(ran.tail().lines().map(line -> line.split("=")[0]))
                .containsExactlyInAnyOrder("COLOUR", "PATH", "HOME", "LANG");
    }

    @Test
    void killsAProgramWithAllItStartedAtTheDeadline() throws Exception {
        Path pid = directory.resolve("pid");
        Work work = new TestWork(directory.resolve("s"), Duration.ofSeconds(1), Map.of(), new MemoryBackups());

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> programs.run(
                        List.of("/bin/sh", "-c", "sleep 300 & echo $! > " + pid + "; wait"),
                        Map.of(),
                        directory,
                        directory.resolve("output"),
                        work))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("deadline-passed");

        long child = Long.parseLong(Files.readString(pid).strip());
        Awaitility.await()
                .atMost(10, TimeUnit.SECONDS)
                .until(() ->
                        ProcessHandle.of(child).filter(LocalProgramsTest::alive).isEmpty());
    }

    @Test
    void namesAProgramThatIsNotThere() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> new LocalPrograms(List.of())
                        .run(List.of("/nowhere/pg_dump"), Map.of(), directory, directory.resolve("output"), work()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("tool-missing")
                .hasMessageContaining("pg_dump");
    }

    /** A process that nobody has reaped yet is dead as well. */
    private static boolean alive(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (java.io.IOException gone) {
            return false;
        }
    }

    private Work work() {
        return TestWork.in(directory.resolve("scratch"));
    }
}
