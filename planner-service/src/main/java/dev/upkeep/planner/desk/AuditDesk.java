package dev.upkeep.planner.desk;

import dev.upkeep.contract.audit.Inspection;
import dev.upkeep.contract.audit.Inspection.Owner;
import dev.upkeep.contract.audit.Inspection.Trouble;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.store.Chains;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** Shows the log's chains to those who check them, and checks one itself. */
@ApplicationScoped
public class AuditDesk {
    private static final int PAGE = 2_000;

    private final Mutiny.SessionFactory sessions;
    private final Chains chains;
    private final Timeline timeline;

    AuditDesk(Mutiny.SessionFactory sessions, Chains chains, Timeline timeline) {
        this.sessions = sessions;
        this.chains = chains;
        this.timeline = timeline;
    }

    /** What came of following a chain to the head that its owner keeps. */
    public record Audit(Owner owner, Optional<Trouble> trouble) {}

    /** The chains after one, in the order of their names by their bytes. */
    public Uni<List<Owner>> chains(String after, int limit) {
        return sessions.withTransaction((session, tx) -> chains.after(session, after, limit));
    }

    /** A chain's head, as its owner keeps it. */
    public Uni<Owner> chain(String name) {
        return sessions.withTransaction((session, tx) -> chains.find(session, name))
                .map(found -> found.orElseThrow(() -> unknown(name)));
    }

    /** The links of one chain after a place. */
    public Uni<List<Link>> links(String chain, long after, int limit) {
        return sessions.withTransaction((session, tx) -> timeline.links(session, chain, after, limit));
    }

    /** The links of all chains after a place of one of them. */
    public Uni<List<Link>> allLinks(String chain, long after, int limit) {
        return sessions.withTransaction((session, tx) -> timeline.allLinks(session, chain, after, limit));
    }

    /** Follows a chain page by page. */
    public Uni<Audit> audit(String name) {
        return chain(name).chain(owner -> {
            Inspection inspection = new Inspection(List.of());
            inspection.begin(name);
            return follow(owner, inspection);
        });
    }

    // What is written after the owner was read is none of this inspection's business.
    private Uni<Audit> follow(Owner owner, Inspection inspection) {
        int limit = (int) Math.min(PAGE, owner.place() - inspection.followed());
        if (limit == 0) {
            return Uni.createFrom().item(new Audit(owner, inspection.end(owner)));
        }
        return links(owner.chain(), inspection.followed(), limit).chain(page -> {
            for (Link link : page) {
                Optional<Trouble> trouble = inspection.next(link);
                if (trouble.isPresent()) {
                    return Uni.createFrom().item(new Audit(owner, trouble));
                }
            }
            return page.size() < limit
                    ? Uni.createFrom().item(new Audit(owner, inspection.end(owner)))
                    : follow(owner, inspection);
        });
    }

    private static Declined unknown(String chain) {
        return Declined.unknown("chain", chain, "see GET /v1/audit/chains");
    }
}
