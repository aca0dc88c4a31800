package dev.upkeep.local;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How large the terminal is, which may change at any time: asked at most once a second. */
final class Screen {
    private static final Duration KEEPS = Duration.ofSeconds(1);
    private static final Size USUAL = new Size(24, 100);

    private Size size = USUAL;
    private long askedAt = System.nanoTime() - KEEPS.toNanos();

    /** In characters. */
    record Size(int rows, int columns) {}

    synchronized Size size() {
        long now = System.nanoTime();
        if (now - askedAt >= KEEPS.toNanos()) {
            size = ask();
            askedAt = now;
        }
        return size;
    }

    private static Size ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectErrorStream(true)
                    .start();
            String[] answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .split(" ");
            if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0 && answer.length == 2) {
                int rows = Integer.parseInt(answer[0]);
                int columns = Integer.parseInt(answer[1]);
                // Serial lines and some containers say 0 0.
                return rows > 0 && columns > 0 ? new Size(rows, columns) : USUAL;
            }
            return USUAL;
        } catch (IOException | NumberFormatException unknown) {
            return USUAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }
}
