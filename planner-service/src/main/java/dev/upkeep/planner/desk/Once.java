package dev.upkeep.planner.desk;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.document.Text;
import dev.upkeep.planner.store.Creates;
import dev.upkeep.planner.store.Json;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Does what a request creates once for each Idempotency-Key, whoever repeats it: work, key and answer are one
 * transaction, and a repetition gets the first one's answer.
 *
 * <p>Failure: what is declined is not kept, so that a corrected request may use the key again.
 */
@ApplicationScoped
public class Once {
    private static final Logger LOG = Logger.getLogger(Once.class);
    private static final int LONGEST_KEY = 200;
    /** Clients that repeat do so within minutes. */
    private static final Duration KEPT = Duration.ofDays(7);

    private static final Duration FORGETS_EVERY = Duration.ofHours(1);

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Vertx vertx;
    private final Creates creates;
    private long timer;

    Once(Mutiny.SessionFactory sessions, InstantSource clock, Vertx vertx, Creates creates) {
        this.sessions = sessions;
        this.clock = clock;
        this.vertx = vertx;
        this.creates = creates;
    }

    /**
     * Who creates what.
     *
     * @param caller as the token names it: keys of different callers have nothing to do with each other
     * @param key as the header has it
     * @param request method, path and body, in the one way to write them
     */
    public record Asked(String caller, Optional<String> key, String request) {
        public Asked {
            Objects.requireNonNull(caller, "caller");
            Objects.requireNonNull(request, "request");
            if (key.filter(k -> k.isBlank() || k.length() > LONGEST_KEY).isPresent()) {
                throw Declined.because(
                        400,
                        "header-invalid",
                        "/Idempotency-Key",
                        "it is blank or longer than " + LONGEST_KEY + " characters",
                        "use a UUID");
            }
        }

        /** A request with a JSON body. */
        public static Asked of(String caller, Optional<String> key, String methodAndPath, JsonNode body) {
            return new Asked(caller, key, methodAndPath + "\n" + Text.canonical(body));
        }

        private String digest() {
            try {
                return HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256").digest(request.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException everyJdkHasIt) {
                throw new AssertionError(everyJdkHasIt);
            }
        }
    }

    /**
     * What was created.
     *
     * @param status 201, or 200 where there was nothing to do
     * @param answer the body, as JSON
     */
    public record Made(int status, Object answer, Optional<String> location) {}

    /** Does the work, or gives the answer that the same request had before. */
    public Uni<Made> each(Asked asked, Function<Mutiny.Session, Uni<Made>> work) {
        return sessions.withTransaction((session, tx) ->
                asked.key().map(key -> keyed(session, asked, key, work)).orElseGet(() -> work.apply(session)));
    }

    private Uni<Made> keyed(Mutiny.Session session, Asked asked, String key, Function<Mutiny.Session, Uni<Made>> work) {
        String digest = asked.digest();
        return creates.take(session, asked.caller(), key, digest, clock.instant())
                .chain(fresh -> fresh
                        ? work.apply(session)
                                .call(made -> creates.answer(session, asked.caller(), key, kept(digest, made)))
                        : creates.find(session, asked.caller(), key).map(found -> again(found, digest)));
    }

    private static Creates.Kept kept(String digest, Made made) {
        return new Creates.Kept(
                digest, made.status(), Json.shared().valueToTree(made.answer()).toString(), made.location());
    }

    private static Made again(Optional<Creates.Kept> found, String digest) {
        Creates.Kept kept = found.orElseThrow(
                () -> new IllegalStateException("a key that is taken has an answer, or its transaction was undone"));
        if (!kept.request().equals(digest)) {
            throw Declined.because(
                    422,
                    "idempotency-key-reused",
                    "/Idempotency-Key",
                    "this key came with another request before",
                    "use a new key for another request");
        }
        return new Made(kept.status(), Text.stored(kept.answer()), kept.location());
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(FORGETS_EVERY.toMillis(), t -> forget());
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(timer);
    }

    private void forget() {
        // Sessions are kept in the context: each look has one of its own.
        Context own = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(ignored -> sessions.withTransaction(
                        (session, tx) -> creates.forget(session, clock.instant().minus(KEPT)))
                .subscribe()
                .with(
                        forgotten -> LOG.debugf("forgot the answers to old creates rows=%d", forgotten),
                        failure -> LOG.warnf(
                                "could not forget the answers to old creates, tries again later: %s", failure)));
    }
}
