package dev.upkeep.notifier;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The mail server that the notifier under test hands its mail to. */
public final class FarEnds implements QuarkusTestResourceLifecycleManager {
    private @Nullable GreenMail mail;

    @Override
    public Map<String, String> start() {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP).dynamicPort());
        server.start();
        mail = server;
        return Map.of(
                "upkeep.notifier.mail.port",
                Integer.toString(server.getSmtp().getPort()),
                "upkeep.notifier.mail.from",
                "Upkeep <upkeep@upkeep.example>");
    }

    @Override
    public void stop() {
        if (mail != null) {
            mail.stop();
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(Objects.requireNonNull(mail), new TestInjector.MatchesType(GreenMail.class));
    }
}
