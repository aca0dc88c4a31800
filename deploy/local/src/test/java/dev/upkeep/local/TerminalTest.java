package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void cutsWhatIsPaintedByWhatIsSeenOfIt() {
        String red = "\u001b[31mred and long\u001b[0m";

        assertThat(Terminal.cut(red, 12)).isEqualTo(red);
        assertThat(Terminal.cut(red, 8)).isEqualTo("\u001b[31mred and…\u001b[0m");
        assertThat(Terminal.cut("exact", 5)).isEqualTo("exact");
    }

    @Test
    void breaksLinesBetweenWordsWhereItCan() {
        assertThat(Terminal.wrap("error-ratio: 0.2 (14 of 72)", 16)).containsExactly("error-ratio: 0.2", "(14 of 72)");
        assertThat(Terminal.wrap("/a/path/that/has/no/word", 10)).containsExactly("/a/path/th", "at/has/no/", "word");
        assertThat(Terminal.wrap("short", 10)).containsExactly("short");
    }

    @Test
    void keepsItsFooterBelowTheLinesThatRunUp() {
        Terminal terminal = new Terminal(stream(), new Screen(), false);
        terminal.footer(List.of("one", "two"));

        terminal.line("news");

        assertThat(text()).isEqualTo("one\ntwo\n" + "\u001b[2A\u001b[Jnews\none\ntwo\n");
    }

    @Test
    void writesPlainWholeLinesWhereNobodyWatches() {
        Terminal terminal = new Terminal(stream(), null, false);
        terminal.footer(List.of("one"));

        terminal.line(terminal.good("word ").repeat(60));

        assertThat(text()).isEqualTo("word ".repeat(60) + "\n");
    }

    private PrintStream stream() {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
