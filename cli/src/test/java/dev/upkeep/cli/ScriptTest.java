package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The root script, in a folder of its own where the build is a few lines of shell. */
final class ScriptTest {
    private static final String REPORT = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="T" time="0.1" tests="%d" errors="%d" skipped="%d" failures="%d">
            </testsuite>
            """;

    @TempDir
    Path root;

    private Path output;

    @BeforeEach
    void layOut() throws IOException {
        Files.copy(Path.of("..", "upkeep"), root.resolve("upkeep"));
        executable(root.resolve("upkeep"));
        Files.createDirectories(root.resolve("cli/src"));
        Files.createDirectories(root.resolve(".mvn"));
        Files.createDirectories(root.resolve("elsewhere"));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        Files.writeString(root.resolve("cli/src/A.java"), "class A {}");
        output = root.resolve("output");
    }

    @Test
    void countsTheReportsOfARunAndNoOlderOnes() throws Exception {
        // Given
        Files.createDirectories(root.resolve("old/target/surefire-reports"));
        Path old = Files.writeString(
                root.resolve("old/target/surefire-reports/TEST-Old.xml"), REPORT.formatted(7, 0, 0, 0));
        Files.setLastModifiedTime(old, java.nio.file.attribute.FileTime.fromMillis(0));
        maven(reporting("planner", 5, 0) + reporting("contract", 3, 0));

        // When
        int code = upkeep("test");

        // Then
        assertThat(code).as(printed()).isZero();
        assertThat(printed().lines())
                .contains(
                        "✔ contract                   Tests run: 3, Failures: 0, Errors: 0, Skipped: 0",
                        "✔ planner                    Tests run: 5, Failures: 0, Errors: 0, Skipped: 0",
                        "Tests run: 8, Failures: 0, Errors: 0, Skipped: 0");
    }

    @Test
    void failsIfNothingRan() throws Exception {
        maven("exit 0");

        assertThat(upkeep("test")).isEqualTo(1);

        assertThat(printed()).contains("Tests run: 0,");
    }

    @Test
    void failsIfAReportDoesAlthoughTheBuildPassed() throws Exception {
        maven(reporting("contract", 3, 1));

        assertThat(upkeep("test")).isEqualTo(1);

        assertThat(printed()).contains("✗ contract").contains("Tests run: 3, Failures: 1");
    }

    @Test
    void exitsAsTheBuildDid() throws Exception {
        maven(reporting("contract", 3, 0) + "exit 42\n");

        assertThat(upkeep("test")).isEqualTo(42);
    }

    @Test
    void passesArgumentsOnToTheBuild() throws Exception {
        maven("echo \"[$*]\"\n" + reporting("contract", 3, 0));

        assertThat(upkeep("test", "-pl", "contract", "--full")).isZero();

        assertThat(printed())
                .contains("verify -pl contract -Dupkeep.search.cases=200000")
                .contains("-Dupkeep.search.seeds=20000");
    }

    @Test
    void stopsTheBuildWhenItIsToldToStop() throws Exception {
        // Given a build that says when a signal has reached it
        maven("trap 'echo told >told; exit 1' TERM\necho $$ >began\nwhile :; do read -t 1 <> <(:) ; done\n");
        Process script = start(List.of("test"), root);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(root.resolve("began")));

        // When
        script.destroy();

        // Then
        assertThat(script.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).isEqualTo(143);
        assertThat(root.resolve("told")).exists();
    }

    @Test
    void buildsWhatIsStaleAndOnlyThat() throws Exception {
        // Given a program that prints where it stands and what it was given
        maven("echo built >>builds\nmkdir -p cli/target\ncp \"$PROGRAM\" cli/target/upkeep.jar\n");

        // When it is run twice, and again after a change
        assertThat(upkeep("echo", "a")).as(printed()).isZero();
        assertThat(upkeep("echo", "b")).isZero();
        assertThat(Files.readAllLines(root.resolve("builds"))).hasSize(1);
        Files.writeString(root.resolve("cli/src/B.java"), "class B {}");
        assertThat(upkeep("echo", "c")).isZero();

        // Then
        assertThat(Files.readAllLines(root.resolve("builds"))).hasSize(2);
        Files.delete(root.resolve("cli/src/B.java"));
        assertThat(upkeep("echo", "d")).isZero();
        assertThat(Files.readAllLines(root.resolve("builds")))
                .as("a deletion is a change")
                .hasSize(3);
    }

    @Test
    void namesFilesFromWhereTheCallerStandsAndExitsAsTheProgram() throws Exception {
        maven("mkdir -p cli/target\ncp \"$PROGRAM\" cli/target/upkeep.jar\n");

        Process script = start(List.of("exit", "5"), root.resolve("elsewhere"));

        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).as(printed()).isEqualTo(5);
        assertThat(printed())
                .contains("directory " + root.resolve("elsewhere").toRealPath())
                .contains("state " + root.toRealPath().resolve(".upkeep/up"));
    }

    @Test
    void showsTheEndOfABuildThatFailed() throws Exception {
        maven("echo 'cannot find symbol'\nexit 1\n");

        assertThat(upkeep("rollout", "list")).isEqualTo(1);

        assertThat(printed()).contains("cannot find symbol").contains("build.log");
    }

    @Test
    void saysWhatIsMissingAndHowToGetIt() throws Exception {
        // Given a machine without PostgreSQL's client: of all programs only those that the script itself needs
        Path programs = Files.createDirectories(root.resolve("programs"));
        for (String program : List.of(
                "bash",
                "dirname",
                "readlink",
                "sed",
                "sort",
                "awk",
                "grep",
                "uname",
                "mkdir",
                "df",
                "id",
                "cat",
                "head",
                "git",
                "setsid",
                "flock",
                "curl",
                "unzip",
                "env")) {
            for (Path from : List.of(Path.of("/usr/bin", program), Path.of("/bin", program))) {
                if (Files.exists(from) && !Files.exists(programs.resolve(program))) {
                    executable(Files.writeString(programs.resolve(program), "#!/bin/sh\nexec " + from + " \"$@\"\n"));
                }
            }
        }
        ProcessBuilder script = new ProcessBuilder(programs.resolve("bash").toString(), "upkeep", "doctor")
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output.toFile()));
        script.environment().put("PATH", programs.toString());
        script.environment().put("JAVA_HOME", System.getProperty("java.home"));

        // When
        int code = script.start().waitFor();

        // Then
        assertThat(code).as(printed()).isEqualTo(1);
        assertThat(printed())
                .contains("✗ pg_dump is missing\n    → ")
                .contains("✔ JDK ")
                .contains("✔ git");
    }

    @Test
    void listsEverythingOnOneScreen() throws Exception {
        assertThat(upkeep("--help")).isZero();

        assertThat(printed().lines().count()).isLessThan(35);
        assertThat(printed()).contains("demo", "up ", "test", "doctor", "rollout", "Exit codes");
        assertThat(upkeep()).isEqualTo(2);
    }

    private void maven(String lines) throws IOException {
        executable(Files.writeString(root.resolve("mvnw"), "#!/usr/bin/env bash\n" + lines));
    }

    private static String reporting(String module, int tests, int failures) {
        return "mkdir -p %s/target/surefire-reports\ncat >%s/target/surefire-reports/TEST-T.xml <<'X'\n%sX\n"
                .formatted(module, module, REPORT.formatted(tests, 0, 0, failures));
    }

    private int upkeep(String... arguments) throws IOException, InterruptedException {
        Process script = start(List.of(arguments), root);
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return script.exitValue();
    }

    private Process start(List<String> arguments, Path directory) throws IOException {
        List<String> command = new ArrayList<>(List.of(root.resolve("upkeep").toString()));
        command.addAll(arguments);
        ProcessBuilder script = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output.toFile()));
        Map<String, String> environment = script.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("PROGRAM", program().toString());
        environment.remove("UPKEEP_STATE");
        return script.start();
    }

    /** A jar whose program prints where it stands, and exits with its second argument if the first is {@code exit}. */
    private Path program() throws IOException {
        Path jar = root.resolve("program.jar");
        if (!Files.exists(jar)) {
            java.util.jar.Manifest manifest = new java.util.jar.Manifest();
            manifest.getMainAttributes().put(java.util.jar.Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().put(java.util.jar.Attributes.Name.MAIN_CLASS, Told.class.getName());
            String entry = Told.class.getName().replace('.', '/') + ".class";
            try (var out = new java.util.jar.JarOutputStream(Files.newOutputStream(jar), manifest);
                    var in = Told.class.getResourceAsStream("ScriptTest$Told.class")) {
                out.putNextEntry(new java.util.jar.JarEntry(entry));
                out.write(java.util.Objects.requireNonNull(in).readAllBytes());
            }
        }
        return jar;
    }

    private String printed() throws IOException {
        return Files.exists(output) ? Files.readString(output) : "";
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Stands in for the command line. */
    static final class Told {
        private Told() {}

        public static void main(String[] arguments) {
            System.out.println("directory " + System.getProperty("user.dir"));
            System.out.println("state " + System.getenv("UPKEEP_STATE"));
            System.exit(arguments[0].equals("exit") ? Integer.parseInt(arguments[1]) : 0);
        }
    }
}
