package dev.upkeep.notifier.store;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.messaging.Sql;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Subscription;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The subscriptions, in PostgreSQL. */
@ApplicationScoped
public class Subscriptions {
    private static final String COLUMNS = "id, channel, destination, product, tenant, account, events, revision";
    private static final String ALL = "select " + COLUMNS + " from subscription";
    private static final String PAGE = "select " + COLUMNS + " from subscription where id > $1 order by id limit $2";
    private static final String ONE = "select " + COLUMNS + " from subscription where id = $1";
    private static final String LOCK = ONE + " for update";

    /** A repetition of the same subscription changes nothing, not even its revision. */
    private static final String PUT = """
            insert into subscription (id, channel, destination, product, tenant, account, events)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (id) do update
            set channel = $2, destination = $3, product = $4, tenant = $5, account = $6, events = $7,
                revision = subscription.revision + 1, changed_at = now()
            where (subscription.channel, subscription.destination, subscription.product, subscription.tenant,
                   subscription.account, subscription.events)
                  is distinct from ($2::text, $3::text, $4::text, $5::text, $6::text, $7::text[])
            """;

    private static final String REMOVE = "delete from subscription where id = $1";

    /** All there are: each event is held against each of them. */
    public Uni<List<Subscription>> all(Mutiny.Session session) {
        return Sql.rows(session, ALL)
                .map(rows -> rows.stream().map(row -> kept(row).subscription()).toList());
    }

    /** A page of them by id, after the given one. */
    public Uni<List<Kept>> page(Mutiny.Session session, String after, int limit) {
        return Sql.rows(session, PAGE, after, limit)
                .map(rows -> rows.stream().map(Subscriptions::kept).toList());
    }

    /** One, if it is there. */
    public Uni<Optional<Kept>> find(Mutiny.Session session, String id) {
        return Sql.rows(session, ONE, id).map(Subscriptions::first);
    }

    /** One, if it is there, locked until the transaction ends. */
    public Uni<Optional<Kept>> lock(Mutiny.Session session, String id) {
        return Sql.rows(session, LOCK, id).map(Subscriptions::first);
    }

    /** Makes or changes one. */
    public Uni<Void> put(Mutiny.Session session, Subscription s) {
        return Sql.update(
                        session,
                        PUT,
                        s.id(),
                        s.channel().word(),
                        s.to(),
                        s.product() == null ? null : s.product().value(),
                        s.tenant() == null ? null : s.tenant().value(),
                        s.account() == null ? null : s.account().value(),
                        s.events().toArray(String[]::new))
                .replaceWithVoid();
    }

    /** Ends one; notices that were made for it are still delivered. */
    public Uni<Void> remove(Mutiny.Session session, String id) {
        return Sql.update(session, REMOVE, id).replaceWithVoid();
    }

    private static Optional<Kept> first(List<Object[]> rows) {
        return rows.stream().findFirst().map(Subscriptions::kept);
    }

    private static Kept kept(Object[] row) {
        return new Kept(
                new Subscription(
                        (String) row[0],
                        ChannelName.of((String) row[1]).orElseThrow(),
                        (String) row[2],
                        optional(row[3], ProductName::new),
                        optional(row[4], TenantId::new),
                        optional(row[5], AccountId::new),
                        Set.of((String[]) row[6])),
                (Integer) row[7]);
    }

    private static <T> @Nullable T optional(@Nullable Object column, Function<String, T> read) {
        return column == null ? null : read.apply((String) column);
    }

    /** A subscription and how often it was changed, from 1. */
    public record Kept(Subscription subscription, int revision) {}
}
