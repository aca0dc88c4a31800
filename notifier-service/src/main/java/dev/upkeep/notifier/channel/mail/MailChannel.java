package dev.upkeep.notifier.channel.mail;

import dev.upkeep.notifier.channel.Bounded;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.core.Outcome;
import dev.upkeep.notifier.core.Outcome.Accepted;
import dev.upkeep.notifier.core.Outcome.Refused;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Sends a notice as one mail, text and HTML, to a mail server that takes it in for the subscriber.
 *
 * <p>Its Message-ID is the notice's id, so that a repetition after a crash is the same mail to servers and readers; all
 * mails about one upgrade or rollout refer to the same thread.
 */
@ApplicationScoped
class MailChannel implements Channel {
    private static final int PERMANENT = 500;

    private final Session session;
    private final InternetAddress from;
    private final String domain;
    private final InstantSource clock;
    private final MailPage page = new MailPage();

    MailChannel(
            @ConfigProperty(name = "upkeep.notifier.mail.host", defaultValue = "127.0.0.1") String host,
            @ConfigProperty(name = "upkeep.notifier.mail.port", defaultValue = "25") int port,
            @ConfigProperty(name = "upkeep.notifier.mail.from", defaultValue = "Upkeep <upkeep@localhost>") String from,
            @ConfigProperty(name = "upkeep.notifier.mail.starttls", defaultValue = "false") boolean starttls,
            @ConfigProperty(name = "upkeep.notifier.mail.timeout", defaultValue = "PT10S") Duration timeout,
            InstantSource clock) {
        this.clock = clock;
        try {
            this.from = new InternetAddress(from, true);
        } catch (AddressException e) {
            throw new IllegalArgumentException("upkeep.notifier.mail.from '" + from + "' is no mail address", e);
        }
        domain = this.from.getAddress().substring(this.from.getAddress().indexOf('@') + 1);
        Properties smtp = new Properties();
        smtp.setProperty("mail.transport.protocol", "smtp");
        smtp.setProperty("mail.smtp.host", host);
        smtp.setProperty("mail.smtp.port", Integer.toString(port));
        smtp.setProperty("mail.smtp.connectiontimeout", Long.toString(timeout.toMillis()));
        smtp.setProperty("mail.smtp.timeout", Long.toString(timeout.toMillis()));
        smtp.setProperty("mail.smtp.writetimeout", Long.toString(timeout.toMillis()));
        smtp.setProperty("mail.smtp.starttls.enable", Boolean.toString(starttls));
        smtp.setProperty("mail.smtp.starttls.required", Boolean.toString(starttls));
        smtp.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        session = Session.getInstance(smtp);
    }

    @Override
    public ChannelName name() {
        return ChannelName.MAIL;
    }

    @Override
    public List<Refusal> check(String to) {
        try {
            InternetAddress address = new InternetAddress(to, true);
            if (address.getAddress().contains("@") && !address.isGroup() && !to.contains(",")) {
                return List.of();
            }
        } catch (AddressException e) {
            // Said below, in words of our own.
        }
        return List.of(new Refusal("'" + to + "' is no mail address", "give one address such as ops@example.com"));
    }

    @Override
    public Outcome deliver(Notice notice) throws InterruptedException {
        return Bounded.run(PATIENCE, () -> send(notice));
    }

    private Outcome send(Notice notice) {
        try {
            MimeMessage mail = mail(notice);
            try (Transport transport = session.getTransport()) {
                transport.connect();
                transport.sendMessage(mail, new Address[] {new InternetAddress(notice.to(), true)});
            }
            return new Accepted();
        } catch (AddressException e) {
            return new Refused("the address can't be used: " + e.getMessage());
        } catch (MessagingException e) {
            return outcome(e);
        }
    }

    private MimeMessage mail(Notice notice) throws MessagingException {
        MimeMessage mail = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + notice.id() + "@" + domain + ">");
            }
        };
        mail.setFrom(from);
        mail.setRecipient(RecipientType.TO, new InternetAddress(notice.to(), true));
        mail.setSubject(notice.message().subject(), StandardCharsets.UTF_8.name());
        mail.setSentDate(Date.from(clock.instant()));
        mail.setHeader("References", "<" + notice.message().about() + "@" + domain + ">");
        mail.setHeader("In-Reply-To", "<" + notice.message().about() + "@" + domain + ">");
        // RFC 3834: no holiday replies to a machine.
        mail.setHeader("Auto-Submitted", "auto-generated");
        mail.setHeader("X-Upkeep-Notice", notice.id());
        if (notice.message().tone() == dev.upkeep.notifier.core.Message.Tone.URGENT) {
            mail.setHeader("Importance", "high");
            mail.setHeader("X-Priority", "1");
        }
        MimeBodyPart text = new MimeBodyPart();
        text.setText(page.text(notice), StandardCharsets.UTF_8.name());
        MimeBodyPart html = new MimeBodyPart();
        html.setText(page.html(notice), StandardCharsets.UTF_8.name(), "html");
        mail.setContent(new MimeMultipart("alternative", text, html));
        mail.saveChanges();
        return mail;
    }

    /** A reply of 5xx is for good (RFC 5321, 4.2.1); everything else may be better later. */
    private static Outcome outcome(MessagingException failure) {
        for (Exception e = failure; e != null; e = e instanceof MessagingException m ? m.getNextException() : null) {
            int code = switch (e) {
                case SMTPAddressFailedException a -> a.getReturnCode();
                case SMTPSenderFailedException s -> s.getReturnCode();
                case SMTPSendFailedException s -> s.getReturnCode();
                default -> 0;
            };
            if (code >= PERMANENT) {
                return new Refused("the mail server refused it: " + oneLine(e.getMessage()));
            }
        }
        return new Unavailable("the mail server did not take it: " + oneLine(failure.getMessage()), Duration.ZERO);
    }

    private static String oneLine(@Nullable String text) {
        return text == null
                ? "no reason given"
                : text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }
}
