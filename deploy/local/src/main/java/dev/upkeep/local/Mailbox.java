package dev.upkeep.local;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.upkeep.embedded.Port;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An SMTP server on 127.0.0.1, so that nothing here mails anybody: each mail becomes a file that a mail program opens.
 *
 * <p>Failure: what can't be written, as on a full disk, is written when it can be.
 */
final class Mailbox implements AutoCloseable {
    private static final long LOOK_MS = 300;

    private final GreenMail server;
    private final Path directory;
    private final Consumer<Mail> told;
    private final int before;
    private final CountDownLatch closing = new CountDownLatch(1);
    private int kept;

    private Mailbox(GreenMail server, Path directory, Consumer<Mail> told, int before) {
        this.server = server;
        this.directory = directory;
        this.told = told;
        this.before = before;
    }

    /**
     * Opens one.
     *
     * @param directory where the mails are kept, beside those that an earlier one kept there
     * @param told of each mail when it is kept
     */
    static Mailbox keepingIn(Path directory, Consumer<Mail> told) {
        try {
            Files.createDirectories(directory);
            try (Stream<Path> files = Files.list(directory)) {
                int before = (int) files.count();
                GreenMail server = new GreenMail(new ServerSetup(0, Port.HOST, ServerSetup.PROTOCOL_SMTP));
                server.start();
                Mailbox mailbox = new Mailbox(server, directory, told, before);
                Thread.ofVirtual().name("mailbox").start(mailbox::watch);
                return mailbox;
            }
        } catch (IOException e) {
            throw new LocalFailure("can't keep mails in " + directory + " (" + e + ")", "free some disk space", e);
        }
    }

    int port() {
        return server.getSmtp().getPort();
    }

    /** A mail as a list shows it. */
    record Mail(String to, String subject) {
        private static Mail of(MimeMessage message) {
            try {
                Address[] to = message.getAllRecipients();
                return new Mail(
                        Arrays.stream(to).map(Address::toString).collect(Collectors.joining(", ")),
                        String.valueOf(message.getSubject()));
            } catch (MessagingException e) {
                return new Mail("?", "unreadable: " + e.getMessage());
            }
        }
    }

    /** What has come so far, the oldest first. */
    List<Mail> mails() {
        List<Mail> mails = new ArrayList<>();
        for (MimeMessage message : server.getReceivedMessages()) {
            mails.add(Mail.of(message));
        }
        return mails;
    }

    private void watch() {
        try {
            while (!closing.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
                keepNew();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void keepNew() {
        MimeMessage[] messages = server.getReceivedMessages();
        while (kept < messages.length) {
            Path file = directory.resolve(String.format(Locale.ROOT, "%04d.eml", before + kept + 1));
            try (OutputStream out = Files.newOutputStream(file)) {
                messages[kept].writeTo(out);
            } catch (IOException | MessagingException notNow) {
                return;
            }
            told.accept(Mail.of(messages[kept]));
            kept++;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        keepNew();
        server.stop();
    }
}
