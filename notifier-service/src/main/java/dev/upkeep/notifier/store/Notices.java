package dev.upkeep.notifier.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.messaging.Sql;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Message;
import dev.upkeep.notifier.core.Notice;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The notices and how far their delivery has come, in PostgreSQL, by its clock. */
@ApplicationScoped
public class Notices {
    private static final ObjectMapper JSON = Wire.json();

    private static final String ADD = """
            insert into notice (id, cause, about, subscriber, channel, destination, message, contact_of)
            select id, cause, about, subscriber, channel, destination, message, nullif(contact_of, '')
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
                 with ordinality as made (id, cause, about, subscriber, channel, destination, message, contact_of, n)
            order by n
            on conflict (id) do nothing
            """;

    /** The try is counted before it is made, so that a notice that kills its notifier does not live for ever. */
    private static final String CLAIM = """
            with due as (
                select place from notice
                where state = 'waiting' and due_at <= now() and (lease_until is null or lease_until < now())
                order by due_at, place limit $2 for update skip locked),
            claimed as (
                update notice set lease_owner = $1, lease_until = now() + $3::bigint * interval '1 millisecond',
                                  attempt = attempt + 1
                from due where notice.place = due.place
                returning notice.place, id, cause, about, subscriber, channel, destination, message, attempt, contact_of)
            select id, cause, about, subscriber, channel, destination, message, attempt, contact_of
            from claimed order by place
            """;

    private static final String END = """
            update notice set state = $3, outcome = $4, ended_at = now(), lease_owner = null, lease_until = null
            where id = $1 and lease_owner = $2 and state = 'waiting'
            """;

    private static final String AGAIN = """
            update notice set due_at = now() + $3::bigint * interval '1 millisecond', outcome = $4,
                              lease_owner = null, lease_until = null
            where id = $1 and lease_owner = $2 and state = 'waiting'
            """;

    private static final String PAGE = """
            select place, id, cause, about, subscriber, channel, message, state, attempt, outcome, made_at, due_at, ended_at
            from notice
            where place > $1 and ($3::text is null or about = $3) and ($4::text is null or state = $4)
            order by place limit $2
            """;

    private static final String WAITING = """
            select count(*), coalesce(extract(epoch from now() - min(made_at)), 0)::bigint from notice
            where state = 'waiting'
            """;

    /** Adds those that are not there yet. */
    public Uni<Void> add(Mutiny.Session session, List<Notice> notices) {
        if (notices.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Sql.update(
                        session,
                        ADD,
                        texts(notices, Notice::id),
                        texts(notices, notice -> notice.cause().value()),
                        texts(notices, Notice::about),
                        texts(notices, Notice::subscriber),
                        texts(notices, notice -> notice.channel().word()),
                        texts(notices, Notice::to),
                        texts(notices, notice -> write(notice.message())),
                        texts(
                                notices,
                                notice ->
                                        notice.contactOf().map(AccountId::value).orElse("")))
                .replaceWithVoid();
    }

    /** Takes what is due, the longest due first, for as long as the lease holds. */
    public Uni<List<Claimed>> claim(Mutiny.Session session, String owner, int limit, Duration lease) {
        return Sql.rows(session, CLAIM, owner, limit, lease.toMillis())
                .map(rows -> rows.stream().map(Notices::claimed).toList());
    }

    /** Records that a claimed notice was delivered; false if it was no longer this owner's. */
    public Uni<Boolean> delivered(Mutiny.Session session, String owner, Notice notice) {
        return one(Sql.update(session, END, notice.id(), owner, "delivered", "accepted"));
    }

    /** Records that nothing more is tried. */
    public Uni<Boolean> failed(Mutiny.Session session, String owner, Notice notice, String reason) {
        return one(Sql.update(session, END, notice.id(), owner, "failed", storable(reason)));
    }

    /** Records that it is tried again after a pause. */
    public Uni<Boolean> again(Mutiny.Session session, String owner, Notice notice, Duration pause, String reason) {
        return one(Sql.update(session, AGAIN, notice.id(), owner, pause.toMillis(), storable(reason)));
    }

    /** A page after a cursor (0 at first), in the order they were made; of one tenant or rollout, or in one state. */
    public Uni<List<Entry>> page(
            Mutiny.Session session, long after, int limit, @Nullable String about, @Nullable String state) {
        return Sql.rows(session, PAGE, after, limit, about, state)
                .map(rows -> rows.stream().map(Notices::entry).toList());
    }

    /** How many wait, and since when the oldest does. */
    public Uni<Waiting> waiting(Mutiny.Session session) {
        return Sql.rows(session, WAITING)
                .map(rows -> new Waiting((Long) rows.getFirst()[0], Duration.ofSeconds((Long) rows.getFirst()[1])));
    }

    private static Uni<Boolean> one(Uni<Integer> changed) {
        return changed.map(rows -> rows == 1);
    }

    private static String[] texts(List<Notice> notices, Function<Notice, String> column) {
        return notices.stream().map(column).toArray(String[]::new);
    }

    private static String storable(String reason) {
        return reason.replace('\0', '\uFFFD');
    }

    private static Claimed claimed(Object[] row) {
        return new Claimed(
                new Notice(
                        (String) row[0],
                        new EventId((String) row[1]),
                        (String) row[2],
                        (String) row[3],
                        ChannelName.of((String) row[4]).orElseThrow(),
                        (String) row[5],
                        read((String) row[6]),
                        Optional.ofNullable((String) row[8]).map(AccountId::new)),
                (Integer) row[7]);
    }

    private static Entry entry(Object[] row) {
        return new Entry(
                (Long) row[0],
                (String) row[1],
                (String) row[2],
                (String) row[3],
                (String) row[4],
                (String) row[5],
                read((String) row[6]).subject(),
                (String) row[7],
                (Integer) row[8],
                (String) row[9],
                ((OffsetDateTime) row[10]).toInstant(),
                ((OffsetDateTime) row[11]).toInstant(),
                row[12] == null ? null : ((OffsetDateTime) row[12]).toInstant());
    }

    private static String write(Message message) {
        try {
            // PostgreSQL's text holds no NUL; JSON writes one as an escape.
            return JSON.writeValueAsString(message);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't write a message", bug);
        }
    }

    private static Message read(String message) {
        try {
            return JSON.readValue(message, Message.class);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't read a message", bug);
        }
    }

    /** A notice to be delivered, and which try this is, from 1. */
    public record Claimed(Notice notice, int attempt) {}

    /** What waits. */
    public record Waiting(long notices, Duration oldest) {}

    /**
     * A notice as lists show it; its destination is not shown, it may be a secret.
     *
     * @param cursor where a list goes on
     * @param attempts how many were begun
     * @param outcome of the last try, null before the first one
     * @param ended null while it waits
     */
    public record Entry(
            long cursor,
            String id,
            String cause,
            String about,
            String subscriber,
            String channel,
            String subject,
            String state,
            int attempts,
            @Nullable String outcome,
            Instant made,
            Instant due,
            @Nullable Instant ended) {}
}
