package dev.upkeep.local;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** {@code ./upkeep up}: the whole suite, until it is told to stop; its state is kept. */
final class Up {
    private Up() {}

    static int run(Path home, Path state, Terminal terminal) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        // Ctrl-C and SIGTERM run this hook; it returns, and the JVM ends, when everything has stopped.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            told.countDown();
            awaitQuietly(stopped);
        }));
        terminal.line("Starting PostgreSQL, Kafka and the four services; state is kept in " + state + " …");
        try (Mailbox mailbox = Mailbox.open();
                Sandbox sandbox = Sandbox.start(state);
                Suite suite = Suite.of(home, state)
                        .telling(line -> terminal.line(terminal.note(line)))
                        .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", mail("HOST", "127.0.0.1"))
                        .environment(
                                Service.NOTIFIER,
                                "UPKEEP_NOTIFIER_MAIL_PORT",
                                mail("PORT", Integer.toString(mailbox.port())))
                        .start()) {
            terminal.table(
                    List.of("SERVICE", "URL", "PROCESS"),
                    List.of(Service.values()).stream()
                            .map(service -> List.of(
                                    service.word(),
                                    suite.url(service),
                                    suite.pid(service).isPresent()
                                            ? Long.toString(suite.pid(service).getAsLong())
                                            : "-"))
                            .toList());
            terminal.line("");
            terminal.line("A PostgreSQL for tenants of your own listens on port " + sandbox.port() + "; "
                    + sandbox.environment() + " says how to reach it.");
            terminal.line(
                    "Ready. In another terminal: ./upkeep product apply -f … (docs/tutorial/your-first-upgrade.md shows how)."
                            + " Mail is caught here unless UPKEEP_NOTIFIER_MAIL_HOST says where to send it. Ctrl-C stops it all.");
            told.await();
            terminal.line("Stopping …");
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static String mail(String what, String otherwise) {
        String given = System.getenv("UPKEEP_NOTIFIER_MAIL_" + what);
        return given == null || given.isBlank() ? otherwise : given;
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
