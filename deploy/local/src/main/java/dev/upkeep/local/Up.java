package dev.upkeep.local;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

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
        Consumer<String> tell = line -> terminal.line(terminal.note("! " + line));
        try (Claim claim = Claim.on(state, "up", home.resolve(".upkeep"))) {
            terminal.line("Starting PostgreSQL, Kafka and the four services; state is kept in "
                    + Terminal.path(claim.state()) + " …");
            try (Mailbox mailbox = Mailbox.keepingIn(
                            state.resolve("mail"),
                            mail -> terminal.line(terminal.dim("mail to " + mail.to() + ": ") + mail.subject()));
                    Sandbox sandbox = Sandbox.start(state, tell);
                    Suite suite = Suite.of(home, state)
                            .telling(tell)
                            .givingUpWhen(() -> told.getCount() == 0)
                            .environment(Service.NOTIFIER, "UPKEEP_NOTIFIER_MAIL_HOST", mail("HOST", "127.0.0.1"))
                            .environment(
                                    Service.NOTIFIER,
                                    "UPKEEP_NOTIFIER_MAIL_PORT",
                                    mail("PORT", Integer.toString(mailbox.port())))
                            .start()) {
                greet(terminal, state, sandbox, suite);
                told.await();
                terminal.line("Stopping …");
            }
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static void greet(Terminal terminal, Path state, Sandbox sandbox, Suite suite) {
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
        String mailHost = mail("HOST", "");
        terminal.line("");
        terminal.line("  logs         " + Terminal.path(state.resolve("log")));
        terminal.line("  mail         "
                + (mailHost.isEmpty()
                        ? "kept in " + Terminal.path(state.resolve("mail"))
                                + "; UPKEEP_NOTIFIER_MAIL_HOST would send it"
                        : "sent by " + mailHost));
        terminal.line("  a database   for tenants of your own: " + Terminal.path(sandbox.environment())
                + " says how to reach it");
        terminal.line("");
        terminal.line(terminal.good("Ready.")
                + " What next, in another terminal: docs/tutorial/your-first-upgrade.md. Ctrl-C stops it all.");
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
