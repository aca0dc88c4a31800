package dev.upkeep.planner.store;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Announced;
import dev.upkeep.planner.core.Announcement;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** What was announced of upgrades, and what was heard of the notices. */
@ApplicationScoped
public class Announcements {
    private static final String OF_UPGRADES = """
            select u.id, u.announcement, h.channel, h.revision, h.delivered_at, h.failure
            from upgrade u left join heard h on h.upgrade = u.id where u.id = any($1)
            """;
    private static final String SAVE = """
            update upgrade u set announcement = g.announcement
            from unnest($1::text[], $2::text[]) as g (id, announcement) where u.id = g.id
            """;
    /** Only what reached a contact of the upgrade's own customer counts, and a delivery for good. */
    private static final String HEAR = """
            insert into heard as h (upgrade, revision, channel, delivered_at, failure)
            select distinct on (g.upgrade, g.revision, g.channel) g.upgrade, g.revision, g.channel, g.delivered_at, g.failure
            from unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
                as g (upgrade, revision, channel, delivered_at, failure, account)
                join upgrade u on u.id = g.upgrade and u.account = g.account
            order by g.upgrade, g.revision, g.channel, g.delivered_at nulls last
            on conflict (upgrade, revision, channel) do update set
                delivered_at = least(h.delivered_at, excluded.delivered_at),
                failure = coalesce(excluded.failure, h.failure)
            """;

    private static final String LOOK_NOW = """
            with waiting as (select id from upgrade where id = any($1) and phase = 'WAITING' and wake_at > $2
                order by tenant, id for update)
            update upgrade u set wake_at = $2 from waiting w where u.id = w.id returning u.rollout
            """;

    /**
     * What came of a notice.
     *
     * @param account whose contact it went to
     * @param deliveredAt when it was delivered; empty if it was not
     * @param failure why not
     */
    public record News(
            UpgradeId upgrade,
            int revision,
            String channel,
            AccountId account,
            Optional<Instant> deliveredAt,
            Optional<String> failure) {}

    /** What was announced and heard, by upgrade; nothing for those that were announced before there were announcements. */
    public Uni<Map<UpgradeId, Announced>> of(Mutiny.Session session, Collection<UpgradeId> upgrades) {
        if (upgrades.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return Sql.rows(session, OF_UPGRADES, (Object)
                        upgrades.stream().map(UpgradeId::value).toArray(String[]::new))
                .map(rows -> {
                    Map<UpgradeId, Announcement> told = new LinkedHashMap<>();
                    Map<UpgradeId, List<Announced.Heard>> heard = new LinkedHashMap<>();
                    for (Object[] row : rows) {
                        UpgradeId id = new UpgradeId(Columns.text(row[0]));
                        if (row[1] != null) {
                            told.computeIfAbsent(id, i -> Json.read(row[1].toString(), Announcement.class));
                        }
                        if (row[2] != null) {
                            heard.computeIfAbsent(id, i -> new ArrayList<>())
                                    .add(new Announced.Heard(
                                            row[2].toString(),
                                            (int) Columns.number(row[3]),
                                            Columns.optional(row[4]),
                                            Optional.ofNullable((String) row[5])));
                        }
                    }
                    Map<UpgradeId, Announced> announced = new LinkedHashMap<>();
                    told.forEach((id, latest) ->
                            announced.put(id, new Announced(latest, heard.getOrDefault(id, List.of()))));
                    return announced;
                });
    }

    /** Saves what was announced. */
    public Uni<Void> save(Mutiny.Session session, Map<UpgradeId, Announcement> told) {
        List<Map.Entry<UpgradeId, Announcement>> rows = List.copyOf(told.entrySet());
        return rows.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                SAVE,
                                Columns.texts(rows, r -> r.getKey().value()),
                                Columns.texts(rows, r -> Json.write(r.getValue())))
                        .replaceWithVoid();
    }

    /** Takes in what came of notices; the rollouts are returned in which an upgrade is to be looked at now. */
    public Uni<List<RolloutId>> hear(Mutiny.Session session, List<News> news, Instant now) {
        if (news.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return Sql.update(
                        session,
                        HEAR,
                        Columns.texts(news, n -> n.upgrade().value()),
                        Columns.numbers(news, n -> (long) n.revision()),
                        Columns.texts(news, News::channel),
                        Columns.times(news, News::deliveredAt),
                        Columns.texts(news, n -> n.failure().orElse(null)),
                        Columns.texts(news, n -> n.account().value()))
                .chain(() -> Sql.rows(
                        session,
                        LOOK_NOW,
                        news.stream()
                                .map(n -> n.upgrade().value())
                                .distinct()
                                .sorted()
                                .toArray(String[]::new),
                        Columns.time(now)))
                .map(rows -> rows.stream()
                        .map(row -> new RolloutId(Columns.text(row[0])))
                        .distinct()
                        .toList());
    }
}
