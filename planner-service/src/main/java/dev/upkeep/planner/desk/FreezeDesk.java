package dev.upkeep.planner.desk;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Freezes;
import dev.upkeep.planner.store.Freezes.Wide;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Freezes whole products and accounts, and lifts freezes. What concerns an account is written down in its tenants'
 * chains, what concerns a product alone in the product's; its tenants notice within ten minutes, because they may be many.
 */
@ApplicationScoped
public class FreezeDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Freezes freezes;
    private final Products products;
    private final Tenants tenants;
    private final Timeline timeline;
    private final ProductLog log;
    private final StatementDesk desk;
    private final Herald herald;

    FreezeDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Freezes freezes,
            Products products,
            Tenants tenants,
            Timeline timeline,
            ProductLog log,
            StatementDesk desk,
            Herald herald) {
        this.sessions = sessions;
        this.clock = clock;
        this.freezes = freezes;
        this.products = products;
        this.tenants = tenants;
        this.timeline = timeline;
        this.log = log;
        this.desk = desk;
        this.herald = herald;
    }

    /** Freezes a product, an account, or an account's tenants with a product. */
    public Uni<Wide> freeze(
            Mutiny.Session session,
            Optional<String> product,
            Optional<String> account,
            Instant from,
            Instant to,
            String reason,
            Set<Bump> bumps,
            String by) {
        Instant now = now();
        if (product.isEmpty() && account.isEmpty()) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/product",
                    "nothing says what is to be frozen",
                    "name a product, an account, or both; a single tenant's freezes are in its document");
        }
        if (!from.isBefore(to) || !to.isAfter(now)) {
            throw Declined.because(
                    422, "request-refused", "/to", "the freeze would be over before it begins", "let it end later");
        }
        Wide wide = new Wide(
                StatementDesk.id("f-"),
                product.map(name -> Registry.name("product", name, ProductName::new)),
                account.map(name -> Registry.name("account", name, AccountId::new)),
                new Tenant.Freeze(from, to, reason, bumps),
                by,
                now);
        return known(session, wide)
                .chain(() -> freezes.add(session, wide))
                .chain(() -> record(
                        session,
                        wide,
                        new Entry(
                                "freeze-set",
                                "",
                                by + " freezes from " + from + " to " + to + ": " + reason,
                                Map.of("freeze", wide.id(), "by", by)),
                        now))
                .replaceWith(wide);
    }

    private Uni<Void> known(Mutiny.Session session, Wide wide) {
        return wide.product()
                .map(name -> products.find(session, name)
                        .map(found -> found.orElseThrow(
                                () -> Declined.unknown("product", name.value(), "apply its descriptor first")))
                        .replaceWithVoid())
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    /** Lifts one. */
    public Uni<Wide> lift(String id, String by) {
        Instant now = now();
        return sessions.withTransaction((session, tx) -> freezes.lift(session, id, by, now)
                .map(found -> found.orElseThrow(() -> Declined.unknown("freeze", id, "see GET /v1/freezes")))
                .call(wide -> record(
                        session,
                        wide,
                        new Entry(
                                "freeze-lifted",
                                "",
                                by + " lifts the freeze from " + wide.freeze().from() + " to "
                                        + wide.freeze().to(),
                                Map.of("freeze", id, "by", by)),
                        now)));
    }

    /** A page of those that have not ended. */
    public Uni<List<Wide>> list(String after, int limit) {
        return sessions.withTransaction((session, tx) -> freezes.page(session, now(), after, limit));
    }

    private Uni<Void> record(Mutiny.Session session, Wide wide, Entry entry, Instant now) {
        if (wide.account().isEmpty()) {
            return log.ofProduct(session, wide.product().orElseThrow(), entry, now);
        }
        return tenants.idsOfAccount(
                        session, wide.account().get(), wide.product().map(ProductName::value), Optional.empty())
                .chain(ids -> desk.hold(session, ids))
                .chain(held -> record(session, held, entry, now));
    }

    private Uni<Void> record(Mutiny.Session session, List<KeptTenant> held, Entry entry, Instant now) {
        List<Timeline.Line> lines = new ArrayList<>();
        for (KeptTenant kept : held) {
            TenantId id = kept.tenant().id();
            lines.add(Timeline.Line.after(kept.chain(), new Link.About("", id.value(), ""), entry, now));
        }
        List<Chain> chains = lines.stream().map(Timeline.Line::chain).toList();
        return tenants.saveChains(session, chains)
                .chain(() -> timeline.add(session, lines))
                .chain(() -> herald.look(session, held, now));
    }

    private Instant now() {
        return Desk.precise(clock.instant());
    }
}
