package dev.upkeep.local;

import dev.upkeep.cli.LocalKey;
import dev.upkeep.cli.LocalToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The key that tokens of this suite are signed with, its public half for the services, and the token of whoever runs it
 * here, which is renewed as long as the suite runs.
 */
final class Signing implements AutoCloseable {
    private static final long LOOK_MINUTES = 60;

    private final Path state;
    private final LocalKey key;
    private final InstantSource clock;
    private final Consumer<String> tell;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private Signing(Path state, LocalKey key, InstantSource clock, Consumer<String> tell) {
        this.state = state;
        this.key = key;
        this.clock = clock;
        this.tell = tell;
    }

    /** Makes what is not there yet. */
    static Signing start(Path state, InstantSource clock, Consumer<String> tell) {
        try {
            Signing signing = new Signing(state, LocalKey.at(state), clock, tell);
            Files.writeString(signing.keys(), signing.key.jwks());
            signing.renew();
            Thread.ofVirtual().name("renews the token").start(signing::keepRenewing);
            return signing;
        } catch (IOException e) {
            throw new LocalFailure(
                    "can't keep the key for tokens below " + state + ": " + e.getMessage(),
                    "see what is said above",
                    e);
        }
    }

    /** Where the services find the public half, as their setting has it. */
    String location() {
        return "file:" + keys();
    }

    private Path keys() {
        return state.resolve("run").resolve("keys.json");
    }

    private void renew() throws IOException {
        LocalToken.renew(state, key, clock.instant());
    }

    private void keepRenewing() {
        try {
            while (!stopping.await(LOOK_MINUTES, TimeUnit.MINUTES)) {
                try {
                    renew();
                } catch (IOException e) {
                    tell.accept("the token can't be renewed: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopping.countDown();
    }
}
