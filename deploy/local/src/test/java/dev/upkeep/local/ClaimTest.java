package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimTest {
    @TempDir
    private Path temporary;

    @Test
    void emptiesADirectoryOfItsOwnVerb() throws Exception {
        // Given what an earlier demo left
        Path state = temporary.resolve("demo");
        Claim.on(state, "demo", elsewhere()).close();
        Files.createDirectories(state.resolve("fleet/tenants"));
        Files.writeString(state.resolve("fleet/tenants/journal"), "old");

        // When
        try (Claim claim = Claim.on(state, "demo", elsewhere())) {
            claim.empty();

            // Then
            assertThat(state).isDirectoryNotContaining(path -> path.endsWith("fleet"));
        }
    }

    @Test
    void leavesSomebodysDirectoryAlone() throws Exception {
        Path letter = Files.writeString(temporary.resolve("letter.txt"), "to keep");

        LocalFailure refused = catchThrowableOfType(
                LocalFailure.class,
                () -> Claim.on(temporary, "demo", elsewhere()).close());

        assertThat(refused).hasMessageContaining("files that are not Upkeep's");
        assertThat(refused.fix()).contains("empty directory");
        assertThat(letter).hasContent("to keep");
        assertThat(temporary.resolve("owner")).doesNotExist();
    }

    @Test
    void leavesTheStateOfAnotherVerbAlone() {
        Path state = temporary.resolve("state");
        Claim.on(state, "up", elsewhere()).close();

        LocalFailure refused = catchThrowableOfType(
                LocalFailure.class, () -> Claim.on(state, "demo", elsewhere()).close());

        assertThat(refused).hasMessageContaining("holds the state of ./upkeep up");
    }

    @Test
    void namesWhoRunsThereAlready() {
        Path state = temporary.resolve("state");
        try (Claim first = Claim.on(state, "up", elsewhere())) {
            LocalFailure refused = catchThrowableOfType(
                    LocalFailure.class,
                    () -> Claim.on(first.state(), "up", elsewhere()).close());

            assertThat(refused)
                    .hasMessageContaining("./upkeep up runs in " + state + " already, as process "
                            + ProcessHandle.current().pid());
        }
    }

    @Test
    void saysWhereItCannotWrite() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "");

        LocalFailure refused = catchThrowableOfType(
                LocalFailure.class,
                () -> Claim.on(file.resolve("up"), "up", elsewhere()).close());

        assertThat(refused).hasMessageContaining("can't use " + file.resolve("up"));
    }

    @Test
    void takesWhatAnEarlierBuildLeftInItsOwnPlace() throws Exception {
        Files.writeString(Files.createDirectories(temporary.resolve("up")).resolve("endpoints.json"), "{}");

        try (Claim claim = Claim.on(temporary.resolve("up"), "up", temporary)) {
            assertThat(claim.state().resolve("endpoints.json")).exists();
        }
    }

    private Path elsewhere() {
        return temporary.resolveSibling("elsewhere");
    }
}
