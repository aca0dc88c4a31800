package dev.upkeep.planner.desk;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.Aborting;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.Way;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Lets a person end one upgrade, wherever it is. */
@ApplicationScoped
public class AbortDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Upgrades upgrades;
    private final Desk desk;
    private final HoldDesk holds;

    AbortDesk(Mutiny.SessionFactory sessions, InstantSource clock, Upgrades upgrades, Desk desk, HoldDesk holds) {
        this.sessions = sessions;
        this.clock = clock;
        this.upgrades = upgrades;
        this.desk = desk;
        this.holds = holds;
    }

    /** Ends an upgrade; what happens next is answered in words. Where that can't be, it is declined and nothing changes. */
    public Uni<String> abort(String id, IfMatch ifMatch, String by, String reason) {
        UpgradeId upgrade = Registry.name("upgrade", id, UpgradeId::new);
        needed(reason);
        return sessions.withTransaction((session, tx) -> upgrades.lock(session, List.of(upgrade))
                        .invoke(found -> found.forEach(
                                kept -> Declined.unless(ifMatch, kept.upgrade().revision())))
                        .map(found -> aborting(found, upgrade))
                        .call(aborting -> aborting instanceof Aborting.ResolvesByUndo
                                ? Uni.createFrom().voidItem()
                                : desk.tell(
                                        session,
                                        List.of(new Told(upgrade, new News.Abort("aborted by " + by + ": " + reason))),
                                        clock.instant())))
                // A hold may rest on a parked key, which must be let go before the way back can be answered.
                .call(aborting -> aborting instanceof Aborting.ResolvesByUndo
                        ? holds.resolve(id, new IfMatch.Whatever(), Way.UNDO.word(), by, "aborted: " + reason)
                        : Uni.createFrom().voidItem())
                .map(Aborting::next);
    }

    private static Aborting aborting(List<Kept> found, UpgradeId id) {
        Kept kept = found.stream()
                .findFirst()
                .orElseThrow(() -> Declined.unknown("upgrade", id.value(), "see GET /v1/rollouts/{id}"));
        Aborting aborting = Aborting.of(kept.upgrade());
        if (aborting instanceof Aborting.Refused refused) {
            throw refused.ways().isEmpty()
                    ? Declined.because(
                            409,
                            "has-ended",
                            "/state",
                            "upgrade " + id + " can't be aborted: " + refused.reason(),
                            "see GET /v1/upgrades/" + id)
                    : Declined.because(
                            409,
                            "abort-refused",
                            "/state",
                            "upgrade " + id + " can't be aborted: " + refused.reason(),
                            "take one of its ways out: "
                                    + String.join(
                                            "; ",
                                            refused.ways().stream()
                                                    .map(Way::told)
                                                    .toList()));
        }
        return aborting;
    }

    static void needed(String reason) {
        if (reason.isBlank()) {
            throw Declined.because(
                    422, "request-refused", "/reason", "'reason' is missing", "say why: it is kept on record");
        }
    }
}
