package dev.upkeep.executor.driver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** A component for tests: listens on PORT; MODE may be {@code deaf} (ignores SIGTERM) or {@code broken} (exits at once). */
public final class Listener {
    private Listener() {}

    public static void main(String[] arguments) throws IOException {
        List<String> modes = List.of(String.valueOf(System.getenv("MODE")));
        if (modes.contains("broken")) {
            System.err.println("the configuration is missing a colour");
            System.exit(3);
        }
        if (modes.contains("deaf")) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                synchronized (Listener.class) {
                    try {
                        Listener.class.wait(60_000);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            }));
        }
        try (ServerSocket socket =
                new ServerSocket(Integer.parseInt(System.getenv("PORT")), 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                socket.accept().close();
            }
        }
    }
}
