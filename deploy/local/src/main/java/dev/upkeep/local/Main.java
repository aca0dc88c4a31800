package dev.upkeep.local;

import dev.upkeep.embedded.StartFailure;
import java.nio.file.Path;

/** The entry of {@code ./upkeep up} and {@code ./upkeep demo}. */
public final class Main {
    private Main() {}

    /** Runs {@code up [DIR]} or {@code demo [DIR]} and exits 0 if all went as it should. */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.standard();
        System.exit(run(arguments, terminal));
    }

    private static int run(String[] arguments, Terminal terminal) {
        String verb = arguments.length == 0 ? "" : arguments[0];
        Path home = Path.of(System.getProperty("upkeep.home", "")).toAbsolutePath();
        Path state = arguments.length > 1
                ? Path.of(arguments[1]).toAbsolutePath()
                : home.resolve(".upkeep").resolve(verb);
        try {
            return switch (verb) {
                case "up" -> Up.run(home, state, terminal);
                case "demo" -> Demo.run(home, state, terminal);
                default -> {
                    terminal.line("say up or demo");
                    yield 2;
                }
            };
        } catch (LocalFailure failure) {
            return failed(terminal, String.valueOf(failure.getMessage()), failure.fix());
        } catch (StartFailure failure) {
            return failed(terminal, failure.what(), failure.fix());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static int failed(Terminal terminal, String what, String fix) {
        terminal.line(terminal.bad("✗ " + what));
        terminal.line("  → " + fix);
        return 1;
    }
}
