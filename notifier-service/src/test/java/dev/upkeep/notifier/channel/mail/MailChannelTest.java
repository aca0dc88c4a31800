package dev.upkeep.notifier.channel.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.channel.ChannelContract;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The mail channel at a real mail server, and at a real socket that answers as a sick one does. */
class MailChannelTest extends ChannelContract {
    private final GreenMail server =
            new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP).dynamicPort());
    private final MailChannel channel;
    private final Curt curt = new Curt();
    private MailChannel used;

    MailChannelTest() {
        server.start();
        SmtpServer smtp = server.getSmtp();
        channel = channel(smtp.getPort());
        used = channel;
    }

    @AfterEach
    void end() throws IOException {
        server.stop();
        curt.close();
    }

    @Override
    protected Channel channel() {
        return used;
    }

    @Override
    protected String good() {
        return "ops@example.com";
    }

    @Override
    protected String gone() {
        curt.answer("550 5.1.1 no such mailbox");
        used = channel(curt.port());
        return "nobody@example.com";
    }

    @Override
    protected void makeBusy() {
        curt.answer("451 4.3.2 come back later");
        used = channel(curt.port());
    }

    @Override
    protected void stop() {
        server.stop();
    }

    @Override
    protected List<String> arrived() {
        return Arrays.stream(server.getReceivedMessages())
                .map(MailChannelTest::whole)
                .toList();
    }

    @Test
    void isOneMailInTextAndHtmlThatThreadsAndIsMarkedUrgent() throws Exception {
        // When
        channel.deliver(notice(good()));

        // Then
        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getMessageID()).isEqualTo("<n-0123@upkeep.example>");
        assertThat(mail.getSubject()).isEqualTo("ACTION NEEDED: acme is held on its way to inkwell 1.2.0");
        assertThat(mail.getHeader("References")).containsExactly("<u-7@upkeep.example>");
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(mail.getHeader("Importance")).containsExactly("high");
        MimeMultipart parts = (MimeMultipart) mail.getContent();
        assertThat(parts.getCount()).isEqualTo(2);
        String html = (String) parts.getBodyPart(1).getContent();
        assertThat(html).contains("&lt;script&gt;").doesNotContain("<script>").contains("Action needed");
        assertThat((String) parts.getBodyPart(0).getContent())
                .contains("What was found")
                .contains("What you can do");
    }

    private static MailChannel channel(int port) {
        return new MailChannel(
                "127.0.0.1", port, "Upkeep <upkeep@upkeep.example>", false, Duration.ofSeconds(2), Clock.systemUTC());
    }

    private static String whole(MimeMessage mail) {
        try {
            StringBuilder text = new StringBuilder(mail.getMessageID()).append(mail.getSubject());
            MimeMultipart parts = (MimeMultipart) mail.getContent();
            for (int i = 0; i < parts.getCount(); i++) {
                Part part = parts.getBodyPart(i);
                text.append(part.getContent());
            }
            return text.toString();
        } catch (Exception e) {
            throw new AssertionError(GreenMailUtil.getWholeMessage(mail), e);
        }
    }

    /** A mail server that greets, and answers every recipient the same way. */
    private static final class Curt {
        private final ServerSocket socket;
        private volatile String answer = "250 ok";

        Curt() {
            try {
                socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            Thread.ofVirtual().start(this::serve);
        }

        int port() {
            return socket.getLocalPort();
        }

        void answer(String line) {
            answer = line;
        }

        void close() throws IOException {
            socket.close();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept();
                        var in = new BufferedReader(
                                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
                    say(client, "220 curt ESMTP");
                    for (String line = in.readLine(); line != null; line = in.readLine()) {
                        say(client, line.startsWith("RCPT") ? answer : line.startsWith("QUIT") ? "221 bye" : "250 ok");
                    }
                } catch (IOException ended) {
                    // The test closes the socket, or the client went away.
                }
            }
        }

        private static void say(Socket client, String line) throws IOException {
            client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
        }
    }
}
