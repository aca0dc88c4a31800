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
import java.util.stream.Collectors;

/** An SMTP server on 127.0.0.1 that keeps what it is sent, so that nothing here mails anybody. */
final class Mailbox implements AutoCloseable {
    private final GreenMail server;

    private Mailbox(GreenMail server) {
        this.server = server;
    }

    static Mailbox open() {
        GreenMail server = new GreenMail(new ServerSetup(0, Port.HOST, ServerSetup.PROTOCOL_SMTP));
        server.start();
        return new Mailbox(server);
    }

    int port() {
        return server.getSmtp().getPort();
    }

    /** A mail as a list shows it. */
    record Mail(String to, String subject) {}

    /** What has come so far, the oldest first. */
    List<Mail> mails() {
        List<Mail> mails = new ArrayList<>();
        for (MimeMessage message : server.getReceivedMessages()) {
            try {
                Address[] to = message.getAllRecipients();
                mails.add(new Mail(
                        Arrays.stream(to).map(Address::toString).collect(Collectors.joining(", ")),
                        String.valueOf(message.getSubject())));
            } catch (MessagingException e) {
                mails.add(new Mail("?", "unreadable: " + e.getMessage()));
            }
        }
        return mails;
    }

    /** Writes every mail as a file that a mail program opens. */
    void saveTo(Path directory) throws IOException {
        Files.createDirectories(directory);
        int number = 1;
        for (MimeMessage message : server.getReceivedMessages()) {
            try (OutputStream out = Files.newOutputStream(directory.resolve("%03d.eml".formatted(number++)))) {
                message.writeTo(out);
            } catch (MessagingException e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
