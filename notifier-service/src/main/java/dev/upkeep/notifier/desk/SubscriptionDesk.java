package dev.upkeep.notifier.desk;

import dev.upkeep.notifier.core.Subscription;
import dev.upkeep.notifier.store.Subscriptions;
import dev.upkeep.notifier.store.Subscriptions.Kept;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.hibernate.reactive.mutiny.Mutiny;

/** Keeps who wants to be told of what. */
@ApplicationScoped
public class SubscriptionDesk {
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
     * @param expected whether it may be changed at this revision; 0 stands for one that is not there
     */
    public Uni<Change> put(Subscription subscription, IntPredicate expected) {
        return sessions.withTransaction((session, transaction) -> subscriptions
                .lock(session, subscription.id())
                .chain(before -> expected.test(before.map(Kept::revision).orElse(0))
                        ? subscriptions
                                .put(session, subscription)
                                .chain(() -> subscriptions.find(session, subscription.id()))
                                .<Change>map(after -> before.isPresent()
                                        ? new Changed(after.orElseThrow())
                                        : new Made(after.orElseThrow()))
                        : Uni.createFrom()
                                .<Change>item(
                                        new Outdated(before.map(Kept::revision).orElse(0)))));
    }

    /** Ends one; false if there was none. */
    public Uni<Boolean> remove(String id) {
        return sessions.withTransaction((session, transaction) -> subscriptions.remove(session, id));
    }

    /** What came of a change. */
    public sealed interface Change {}

    /** It was not there before. */
    public record Made(Kept now) implements Change {}

    /** It was there; its revision shows whether anything is different. */
    public record Changed(Kept now) implements Change {}

    /** Somebody else has changed it since. */
    public record Outdated(int revision) implements Change {}
}
