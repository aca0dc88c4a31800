package dev.upkeep.planner.desk;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.messaging.Parking;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Way;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Lets a person decide about a held upgrade. */
@ApplicationScoped
public class HoldDesk {
    private static final String PARKED_HERE = """
            select p.consumer, p.key from parked_key p join upgrade u on u.tenant = p.key where u.id = $1
            """;

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Upgrades upgrades;
    private final Desk desk;
    private final Parking parking;

    HoldDesk(Mutiny.SessionFactory sessions, InstantSource clock, Upgrades upgrades, Desk desk, Parking parking) {
        this.sessions = sessions;
        this.clock = clock;
        this.upgrades = upgrades;
        this.desk = desk;
        this.parking = parking;
    }

    /** Resolves a hold; a way that is not offered is declined and changes nothing. */
    public Uni<Void> resolve(String id, IfMatch ifMatch, String word, String by, String note) {
        UpgradeId upgrade = Registry.name("upgrade", id, UpgradeId::new);
        Way way = Way.of(word)
                .orElseThrow(() -> Declined.because(
                        422,
                        "request-refused",
                        "/way",
                        "unknown way out '" + word + "'",
                        "use one of "
                                + Arrays.stream(Way.values()).map(Way::word).toList()));
        return check(upgrade, ifMatch, way)
                .call(() -> release(upgrade))
                .chain(seen -> sessions.withTransaction((session, tx) -> upgrades.lock(session, List.of(upgrade))
                        .invoke(found -> same(seen, offered(found, upgrade, way)))
                        .chain(() -> desk.tell(
                                session,
                                List.of(new Told(upgrade, new News.Resolved(way, by, note))),
                                clock.instant()))));
    }

    private Uni<State.Held> check(UpgradeId upgrade, IfMatch ifMatch, Way way) {
        return sessions.withTransaction((session, tx) -> upgrades.lock(session, List.of(upgrade)))
                .invoke(found -> found.forEach(
                        kept -> Declined.unless(ifMatch, kept.upgrade().revision())))
                .map(found -> offered(found, upgrade, way));
    }

    /** Somebody else may have decided in between, and it be held anew: nobody has decided about that. */
    private static void same(State.Held seen, State.Held now) {
        if (!seen.equals(now)) {
            throw Declined.because(
                    412,
                    "changed-meanwhile",
                    "/state",
                    "somebody else has decided about it, and now it is held because " + now.reason(),
                    "read it again and decide about what you find");
        }
    }

    private static State.Held offered(List<Kept> found, UpgradeId id, Way way) {
        Kept kept = found.stream()
                .findFirst()
                .orElseThrow(() -> Declined.unknown("upgrade", id.value(), "see GET /v1/rollouts/{id}"));
        if (!(kept.upgrade().state() instanceof State.Held held)) {
            throw Declined.because(
                    409, "not-held", "/state", "upgrade " + id + " is not held", "see GET /v1/upgrades/" + id);
        }
        if (!held.ways().contains(way)) {
            throw Declined.because(
                    409,
                    "way-not-offered",
                    "/way",
                    way.word() + " is no way out of this: " + held.reason(),
                    "use one of " + held.ways().stream().map(Way::word).toList());
        }
        return held;
    }

    // Answers of a new attempt would wait behind the record that parked the key; while the upgrade is held, the ones
    // that waited change nothing. So the key is let go first, without the record that can't be processed.
    private Uni<Void> release(UpgradeId upgrade) {
        return sessions.withTransaction((session, tx) -> Sql.rows(session, PARKED_HERE, upgrade.value()))
                .chain(rows -> Multi.createFrom()
                        .iterable(rows)
                        .onItem()
                        .transformToUniAndConcatenate(row ->
                                parking.release(String.valueOf(row[0]), String.valueOf(row[1]), Parking.Failed.SKIP))
                        .collect()
                        .last()
                        .replaceWithVoid());
    }
}
