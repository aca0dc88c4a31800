package dev.upkeep.notifier.desk;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.messaging.Sql;
import dev.upkeep.notifier.core.Subscription;
import dev.upkeep.notifier.store.Subscriptions;
import dev.upkeep.notifier.store.Subscriptions.Kept;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** Keeps who wants to be told of what. */
@ApplicationScoped
public class SubscriptionDesk {
    private static final Logger LOG = Logger.getLogger(SubscriptionDesk.class);

    private final Mutiny.SessionFactory sessions;
    private final Subscriptions subscriptions;

    SubscriptionDesk(Mutiny.SessionFactory sessions, Subscriptions subscriptions) {
        this.sessions = sessions;
        this.subscriptions = subscriptions;
    }

    /** A page of them by id, after the given one. */
    public Uni<List<Kept>> page(String after, int limit) {
        return sessions.withTransaction((session, transaction) -> subscriptions.page(session, after, limit));
    }

    /** One, if it is there. */
    public Uni<Optional<Kept>> find(String id) {
        return sessions.withTransaction((session, transaction) -> subscriptions.find(session, id));
    }

    /**
     * Makes or changes one.
     *
     * @param by who asked for it
     * @param expected what it is to be at
     */
    public Uni<Change> put(Subscription subscription, IfMatch expected, String by) {
        return sessions.withTransaction((session, transaction) -> subscriptions
                .lock(session, subscription.id())
                .chain(before -> expected.holds(before.map(kept -> (long) kept.revision()))
                        ? noted(session, "a subscription was applied", subscription.id(), by)
                                .chain(() -> subscriptions.put(session, subscription))
                                .chain(() -> subscriptions.find(session, subscription.id()))
                                .<Change>map(after -> before.isPresent()
                                        ? new Changed(after.orElseThrow())
                                        : new Made(after.orElseThrow()))
                        : Uni.createFrom()
                                .<Change>item(
                                        new Outdated(before.map(Kept::revision).orElse(0)))));
    }

    /**
     * Ends one.
     *
     * @param expected what it is to be at
     */
    public Uni<Removal> remove(String id, IfMatch expected, String by) {
        return sessions.withTransaction((session, transaction) -> subscriptions
                .lock(session, id)
                .chain(before -> {
                    if (before.isEmpty()) {
                        return Uni.createFrom().<Removal>item(new Absent());
                    }
                    int revision = before.get().revision();
                    return expected.holds(Optional.of((long) revision))
                            ? noted(session, "a subscription was ended", id, by)
                                    .chain(() -> subscriptions.remove(session, id))
                                    .<Removal>replaceWith(new Removed())
                            : Uni.createFrom().<Removal>item(new Outdated(revision));
                }));
    }

    /** Writes to the log who changed it, once it is changed. */
    private static Uni<Void> noted(Mutiny.Session session, String what, String id, String by) {
        Sql.afterCommit(session, () -> LOG.infof("%s subscription=%s by=%s", what, id, by));
        return Uni.createFrom().voidItem();
    }

    /** What came of a change. */
    public sealed interface Change {}

    /** It was not there before. */
    public record Made(Kept now) implements Change {}

    /** It was there; its revision shows whether anything is different. */
    public record Changed(Kept now) implements Change {}

    /** What came of ending one. */
    public sealed interface Removal {}

    /** It is gone. */
    public record Removed() implements Removal {}

    /** There was none. */
    public record Absent() implements Removal {}

    /** Somebody else has changed it since. */
    public record Outdated(int revision) implements Change, Removal {}
}
