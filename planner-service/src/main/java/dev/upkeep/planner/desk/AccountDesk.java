package dev.upkeep.planner.desk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.access.core.IfMatch;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.Postponing;
import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.core.Statement;
import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Readings;
import dev.upkeep.planner.store.Statements;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/** What a customer may do about its own tenants: postpone, agree, ask, set windows, read what changes. */
@ApplicationScoped
public class AccountDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Tenants tenants;
    private final Products products;
    private final Readings readings;
    private final Statements statements;
    private final Timeline timeline;
    private final Herald herald;
    private final StatementDesk desk;

    AccountDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Tenants tenants,
            Products products,
            Readings readings,
            Statements statements,
            Timeline timeline,
            Herald herald,
            StatementDesk desk) {
        this.sessions = sessions;
        this.clock = clock;
        this.tenants = tenants;
        this.products = products;
        this.readings = readings;
        this.statements = statements;
        this.timeline = timeline;
        this.herald = herald;
        this.desk = desk;
    }

    /**
     * Which of an account's tenants are meant.
     *
     * @param product only those with it
     * @param tenant only this one
     */
    public record Which(AccountId account, Optional<String> product, Optional<String> tenant) {}

    /**
     * How long a tenant's upgrades are postponed.
     *
     * @param delay what stands, if anything does
     * @param latest the last date until which they can be
     */
    public record Postponed(KeptTenant tenant, Optional<Stated> delay, Optional<LocalDate> latest) {}

    // ---- delays

    /** Postpones upgrades until a date begins; refused as a whole, with the latest date that can be, where one can't be. */
    public Uni<List<Postponed>> postpone(
            Mutiny.Session session, Which which, LocalDate until, StatementDesk.Wording wording) {
        Instant now = now();
        return held(session, which)
                .chain(held -> postponings(session, held).chain(postponings -> {
                    Map<TenantId, Statement> granted = new LinkedHashMap<>();
                    List<Problem> problems = new ArrayList<>();
                    postponings.forEach((tenant, postponing) -> {
                        switch (postponing.until(until, now)) {
                            case Postponing.Granted g -> granted.put(tenant, g.delay());
                            case Postponing.Refused r ->
                                problems.add(new Problem(
                                        "/until",
                                        r.because(),
                                        r.latest()
                                                .map(latest -> "the latest date possible is " + latest)
                                                .orElse("leave this tenant out: name another, or a product")));
                        }
                    });
                    if (!problems.isEmpty()) {
                        throw new Declined(422, "delay-refused", problems);
                    }
                    return statements
                            .withdraw(session, granted.keySet(), Statement.Delay.class, wording.by(), now)
                            .chain(() -> desk.say(session, held, granted, wording))
                            .chain(() -> postponed(session, held, postponings));
                }));
    }

    /** Ends what was postponed. */
    public Uni<List<Postponed>> resume(Which which, String by) {
        return sessions.withTransaction((session, tx) -> held(session, which)
                .chain(held -> desk.withdraw(session, held, Statement.Delay.class, by)
                        .chain(() -> postponings(session, held))
                        .chain(postponings -> postponed(session, held, postponings))));
    }

    /** How long upgrades are postponed, and how long they could be. */
    public Uni<List<Postponed>> postponed(Which which) {
        return sessions.withTransaction((session, tx) -> seen(session, which)
                .chain(seen -> postponings(session, seen).chain(postponings -> postponed(session, seen, postponings))));
    }

    private Uni<List<Postponed>> postponed(
            Mutiny.Session session, List<KeptTenant> of, Map<TenantId, Postponing> postponings) {
        Instant now = now();
        return statements
                .standing(session, ids(of))
                .map(found -> of.stream()
                        .map(kept -> new Postponed(
                                kept,
                                found.getOrDefault(kept.tenant().id(), List.of()).stream()
                                        .filter(s -> s.what() instanceof Statement.Delay)
                                        .reduce((a, b) -> b),
                                Optional.ofNullable(
                                                postponings.get(kept.tenant().id()))
                                        .flatMap(p -> p.latest(now))))
                        .toList());
    }

    private Uni<Map<TenantId, Postponing>> postponings(Mutiny.Session session, List<KeptTenant> of) {
        return readings.planned(session, ids(of))
                .chain(planned -> statements
                        .delays(session, ids(of))
                        .chain(delays -> catalogues(session, of).map(catalogues -> {
                            Map<TenantId, Postponing> postponings = new LinkedHashMap<>();
                            for (KeptTenant kept : of) {
                                TenantId id = kept.tenant().id();
                                Catalogue catalogue =
                                        catalogues.get(kept.tenant().product().value());
                                if (catalogue != null) {
                                    postponings.put(
                                            id,
                                            new Postponing(
                                                    catalogue.product(),
                                                    kept.tenant(),
                                                    planned.getOrDefault(id, Set.of()),
                                                    catalogue.published(),
                                                    delays.getOrDefault(id, List.of()).stream()
                                                            .flatMap(s -> s.what() instanceof Statement.Delay d
                                                                    ? Stream.of(d)
                                                                    : Stream.empty())
                                                            .toList()));
                                }
                            }
                            return postponings;
                        })));
    }

    private Uni<Map<String, Catalogue>> catalogues(Mutiny.Session session, List<KeptTenant> of) {
        Map<String, Catalogue> catalogues = new LinkedHashMap<>();
        return Multi.createFrom()
                .iterable(of.stream().map(k -> k.tenant().product()).distinct().toList())
                .onItem()
                .transformToUniAndConcatenate(name -> products.catalogue(session, name)
                        .invoke(found -> found.ifPresent(c -> catalogues.put(name.value(), c))))
                .collect()
                .last()
                .map(last -> catalogues);
    }

    // ---- agreeing, asking, reading

    /** Agrees to a version or a line of a product, for all of the account's tenants that have it, or for one. */
    public Uni<List<Stated>> consent(
            Mutiny.Session session, Which which, Statement.Consent consent, StatementDesk.Wording wording) {
        return held(session, which).chain(held -> {
            Map<TenantId, Statement> said = new LinkedHashMap<>();
            held.forEach(kept -> said.put(kept.tenant().id(), consent));
            return desk.say(session, held, said, wording);
        });
    }

    // ---- windows

    /** An account's tenants after an id, with their windows. */
    public Uni<List<KeptTenant>> tenants(AccountId account, String after, int limit) {
        return sessions.withTransaction((session, tx) -> tenants.ofAccount(session, account, after, limit));
    }

    /** Puts the customer's windows in the place of those in the tenant's document, or takes them away again. */
    public Uni<KeptTenant> setWindows(String tenant, Optional<JsonNode> windows, IfMatch ifMatch, String by) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        return sessions.withTransaction((session, tx) -> desk.hold(session, List.of(id))
                .chain(found -> {
                    KeptTenant kept = found.stream()
                            .findFirst()
                            .orElseThrow(() -> Declined.unknown("tenant", tenant, "use the name of one of your own"));
                    Declined.unless(ifMatch, kept.ownRevision());
                    try {
                        if (windows.isPresent()) {
                            TenantDocument.checkWindows(windows.get());
                        }
                    } catch (Refused refused) {
                        throw new Declined(422, "document-refused", refused.problems());
                    }
                    Instant now = now();
                    Entry entry = new Entry(
                            "windows-set",
                            "",
                            by
                                    + (windows.isPresent()
                                            ? " sets " + windows.get().size() + " windows of the customer's own"
                                            : " takes the customer's own windows back"),
                            Map.of("by", by));
                    Timeline.Line line = Timeline.Line.after(kept.chain(), new Link.About("", tenant, ""), entry, now);
                    return tenants.setWindows(
                                    session, id, windows.map(JsonNode::toString).orElse(null), line.chain())
                            .chain(() -> timeline.add(session, List.of(line)))
                            .chain(() -> tenants.lock(session, List.of(tenant)))
                            .call(changed -> herald.look(session, changed, now))
                            .map(List::getFirst);
                }));
    }

    /** The windows of a tenant as a document has them: the customer's own, or else the document's. */
    public static JsonNode windows(KeptTenant kept) {
        return kept.own()
                .orElseGet(() -> kept.document().path("windows").isArray()
                        ? kept.document().get("windows")
                        : new ObjectMapper().createArrayNode());
    }

    // ---- upgrades

    /** An account's upgrades, the latest first, after an id. */
    public Uni<List<Readings.Listed>> upgrades(AccountId account, String after, int limit) {
        return sessions.withTransaction((session, tx) -> readings.ofAccount(session, account, after, limit));
    }

    // ---- which tenants

    private Uni<List<KeptTenant>> seen(Mutiny.Session session, Which which) {
        return tenants.idsOfAccount(session, which.account(), which.product(), which.tenant())
                .chain(ids -> tenants.find(session, ids))
                .invoke(found -> some(found, which));
    }

    private Uni<List<KeptTenant>> held(Mutiny.Session session, Which which) {
        return tenants.idsOfAccount(session, which.account(), which.product(), which.tenant())
                .chain(ids -> desk.hold(session, ids))
                .invoke(found -> some(found, which));
    }

    private static void some(List<KeptTenant> found, Which which) {
        if (found.isEmpty()) {
            throw which.tenant()
                    .map(tenant -> Declined.unknown("tenant", tenant, "use the name of one of your own"))
                    .or(() -> which.product()
                            .map(product ->
                                    Declined.unknown("product", product, "use a product that one of your tenants has")))
                    .orElseGet(() -> Declined.unknown(
                            "account", which.account().value(), "it has no tenants: nothing of it is registered"));
        }
    }

    private static List<TenantId> ids(List<KeptTenant> of) {
        return of.stream().map(k -> k.tenant().id()).toList();
    }

    private Instant now() {
        return Desk.precise(clock.instant());
    }
}
