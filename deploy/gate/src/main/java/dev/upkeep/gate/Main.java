package dev.upkeep.gate;

import java.io.IOException;
import java.time.InstantSource;

/** Runs the gate of one tenant until SIGTERM, then exits 0. */
public final class Main {
    private static final System.Logger LOG = System.getLogger(Main.class.getName());

    private Main() {}

    public static void main(String[] arguments) {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            Settings settings = Settings.from(System.getenv(), arguments);
            GateServer server = GateServer.start(settings, InstantSource.system());
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                server.close();
                // A JVM ended by SIGTERM says 143 even when all went well; whoever stopped us is owed the truth.
                Runtime.getRuntime().halt(0);
            }));
            LOG.log(
                    System.Logger.Level.INFO,
                    "gate to {0} listens on port {1,number,#}, admin on port {2,number,#}",
                    settings.upstream(),
                    server.port(),
                    server.adminPort());
        } catch (IllegalArgumentException | IOException e) {
            LOG.log(System.Logger.Level.ERROR, "the gate cannot start: {0}", e.getMessage());
            Runtime.getRuntime().halt(1);
        }
    }
}
