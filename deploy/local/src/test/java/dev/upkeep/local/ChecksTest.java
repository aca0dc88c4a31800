package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(new PrintStream(out, true, StandardCharsets.UTF_8), null, false);
    private final Checks checks = new Checks();

    @Test
    void saysInOneLineOfWhomSomethingHolds() {
        checks.add("recorded at 1.1.0", "finch", true, "1.1.0");
        checks.add("the rollout was stopped", "", true, "stopped");
        checks.add("recorded at 1.1.0", "heron", true, "1.1.0");

        checks.print(terminal);

        assertThat(checks.allHold()).isTrue();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("  ✔ recorded at 1.1.0: finch, heron\n  ✔ the rollout was stopped\n");
    }

    @Test
    void doesNotHoldIfOneCheckDoesNotAndShowsWhatWasFound() {
        checks.add("recorded at 1.1.0", "finch", true, "1.1.0");
        checks.add("recorded at 1.1.0", "heron", false, "1.0.0");

        checks.print(terminal);

        assertThat(checks.allHold()).isFalse();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("  ✔ recorded at 1.1.0: finch\n  ✗ recorded at 1.1.0: heron: found 1.0.0\n");
    }
}
