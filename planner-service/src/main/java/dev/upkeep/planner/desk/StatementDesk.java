package dev.upkeep.planner.desk;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Approvals;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.Line;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Said;
import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.core.Statement;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Statements;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Puts on record what people say about tenants and rollouts, in the tenants' and rollouts' own chains, and lets what
 * waits for it be looked at.
 *
 * <p>Ordering: tenants' upgrades that have not begun are locked first, then the tenants, then rollouts.
 */
@ApplicationScoped
public class StatementDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Statements statements;
    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Products products;
    private final Timeline timeline;
    private final Herald herald;

    StatementDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Statements statements,
            Tenants tenants,
            Upgrades upgrades,
            Rollouts rollouts,
            Products products,
            Timeline timeline,
            Herald herald) {
        this.sessions = sessions;
        this.clock = clock;
        this.statements = statements;
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.products = products;
        this.timeline = timeline;
        this.herald = herald;
    }

    /** What a person gave of a statement. */
    public record Wording(String by, String note) {
        private static final int LONGEST_NOTE = 2000;

        public Wording {
            if (note.length() > LONGEST_NOTE) {
                throw Declined.because(
                        422,
                        "request-refused",
                        "/note",
                        "the note is longer than " + LONGEST_NOTE + " characters",
                        "shorten it, and link to the rest");
            }
        }
    }

    // ---- about a tenant

    /** The customer's consent, by its customer or on its behalf. */
    public Uni<Stated> consent(Mutiny.Session session, String tenant, String version, Wording wording) {
        Line line = line(version);
        return say(session, tenant, kept -> done(new Statement.Consent(line)), wording);
    }

    /** The customer's wish for a version. */
    public Uni<Stated> request(Mutiny.Session session, String tenant, String version, Wording wording) {
        return say(session, tenant, kept -> published(session, kept, version).map(Statement.Request::new), wording);
    }

    /** That somebody has read the notes of a release, or its migration guide. */
    public Uni<Stated> acknowledge(
            Mutiny.Session session, String tenant, String version, String what, Wording wording) {
        return switch (what) {
            case "notes" ->
                say(session, tenant, kept -> published(session, kept, version).map(Statement.NotesRead::new), wording);
            case "guide" ->
                say(session, tenant, kept -> published(session, kept, version).map(Statement.GuideRead::new), wording);
            default ->
                throw Declined.because(
                        422, "request-refused", "/what", "'" + what + "' can't be acknowledged", "use notes or guide");
        };
    }

    /** The wish to go against the customer's delay. */
    public Uni<Stated> askToOverride(Mutiny.Session session, String tenant, String version, Wording wording) {
        return say(
                session, tenant, kept -> published(session, kept, version).map(Statement.OverrideAsked::new), wording);
    }

    /** An approver's yes to go against the customer's delay; never the requester's. */
    public Uni<Stated> approveOverride(Mutiny.Session session, String tenant, String version, Wording wording) {
        return say(
                session,
                tenant,
                kept -> published(session, kept, version)
                        .chain(wanted -> statements
                                .standing(session, List.of(kept.tenant().id()))
                                .map(found -> approval(
                                        found.getOrDefault(kept.tenant().id(), List.of()), wanted, wording.by()))),
                wording);
    }

    private static Statement approval(List<Stated> standing, Version version, String by) {
        Stated asked = standing.stream()
                .filter(s -> s.what() instanceof Statement.OverrideAsked o
                        && o.version().equals(version))
                .findFirst()
                .orElseThrow(() -> Declined.because(
                        409,
                        "not-requested",
                        "/version",
                        "nobody has asked to go against the delay with " + version,
                        "let somebody else than the approvers ask for it first"));
        mayApprove(asked.by(), by);
        boolean twice = standing.stream()
                .anyMatch(s -> s.what() instanceof Statement.Approval a
                        && a.what().equals(Said.Approval.OVERRIDE_DELAY)
                        && a.version().equals(version)
                        && !Approvals.mayApprove(s.by(), by));
        if (twice) {
            throw Declined.because(
                    409,
                    "approved-already",
                    "/version",
                    by + " has approved this",
                    "let somebody else approve it, too");
        }
        return new Statement.Approval(Said.Approval.OVERRIDE_DELAY, version, asked.by());
    }

    private static void mayApprove(String requester, String approver) {
        if (!Approvals.mayApprove(requester, approver)) {
            throw Declined.because(
                    409,
                    "own-request",
                    "/Authorization",
                    "nobody approves what they asked for themselves, and " + requester + " asked for this",
                    "let somebody else approve it");
        }
    }

    /** An approver lets a rule go. */
    public Uni<Stated> waive(Mutiny.Session session, String tenant, String rule, String version, Wording wording) {
        if (!Statement.Waiver.RULES.contains(rule)) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/rule",
                    "'" + rule + "' is no rule that may be waived",
                    "use one of "
                            + Statement.Waiver.RULES.stream().sorted().toList()
                            + "; docs/reference/blockers.md says what lifts the others");
        }
        return say(
                session,
                tenant,
                kept -> published(session, kept, version).map(v -> new Statement.Waiver(rule, v)),
                wording);
    }

    private Uni<Stated> say(
            Mutiny.Session session,
            String tenant,
            Function<KeptTenant, Uni<? extends Statement>> what,
            Wording wording) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        return hold(session, List.of(id))
                .map(found -> one(found, tenant))
                .chain(kept -> what.apply(kept)
                        .chain(statement -> say(session, List.of(kept), Map.of(id, statement), wording)))
                .map(List::getFirst);
    }

    private static KeptTenant one(List<KeptTenant> found, String tenant) {
        return found.stream()
                .findFirst()
                .orElseThrow(() -> Declined.unknown("tenant", tenant, "apply its document first"));
    }

    /** Locks tenants for something to be said about them, in the order that keeps transactions from waiting in a circle. */
    Uni<List<KeptTenant>> hold(Mutiny.Session session, Collection<TenantId> ids) {
        return upgrades.lockWaiting(session, ids)
                .chain(() -> tenants.lock(
                        session, ids.stream().map(TenantId::value).sorted().toList()));
    }

    /** Puts on record what one person said about tenants, which are held, and looks at what follows. */
    Uni<List<Stated>> say(
            Mutiny.Session session, List<KeptTenant> held, Map<TenantId, ? extends Statement> what, Wording wording) {
        Instant now = now();
        Map<TenantId, Stated> said = new LinkedHashMap<>();
        what.forEach((tenant, statement) ->
                said.put(tenant, new Stated(id("s-"), statement, wording.by(), wording.note(), now)));
        return statements
                .add(session, said)
                .chain(() -> record(session, held, said, "statement-made", wording.by(), now))
                .replaceWith(List.copyOf(said.values()));
    }

    private Uni<Void> record(
            Mutiny.Session session,
            List<KeptTenant> held,
            Map<TenantId, Stated> said,
            String kind,
            String by,
            Instant now) {
        List<Timeline.Line> lines = new ArrayList<>();
        for (KeptTenant kept : held) {
            Stated stated = said.get(kept.tenant().id());
            if (stated != null) {
                lines.add(Timeline.Line.after(
                        kept.chain(),
                        new Link.About("", kept.tenant().id().value(), ""),
                        entry(kind, stated, by),
                        now));
            }
        }
        List<Chain> chains = lines.stream().map(Timeline.Line::chain).toList();
        return tenants.saveChains(session, chains)
                .chain(() -> timeline.add(session, lines))
                .chain(() -> herald.look(
                        session,
                        held.stream()
                                .filter(k -> said.containsKey(k.tenant().id()))
                                .toList(),
                        now));
    }

    private static Entry entry(String kind, Stated stated, String by) {
        boolean withdrawn = kind.equals("statement-withdrawn");
        return new Entry(
                kind,
                "",
                by
                        + (withdrawn ? " withdraws: " + stated.by() + " " : " ")
                        + stated.what().told()
                        + (stated.note().isBlank() || withdrawn ? "" : ": " + stated.note()),
                Map.of("statement", stated.id(), "by", by));
    }

    /** Withdraws one of a tenant's statements. */
    public Uni<Stated> withdraw(String tenant, String statement, String by) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        Instant now = now();
        return sessions.withTransaction((session, tx) -> hold(session, List.of(id))
                .map(found -> one(found, tenant))
                .chain(kept -> statements
                        .withdraw(session, id, statement, by, now)
                        .map(found -> found.orElseThrow(() -> Declined.unknown(
                                "statement", statement, "list the tenant's statements for those that stand")))
                        .call(stated ->
                                record(session, List.of(kept), Map.of(id, stated), "statement-withdrawn", by, now))));
    }

    /** Withdraws what stands of a kind about tenants, which are held. */
    Uni<Map<TenantId, List<Stated>>> withdraw(
            Mutiny.Session session, List<KeptTenant> held, Class<? extends Statement> kind, String by) {
        Instant now = now();
        return statements
                .withdraw(session, held.stream().map(k -> k.tenant().id()).toList(), kind, by, now)
                .call(withdrawn -> {
                    Map<TenantId, Stated> last = new LinkedHashMap<>();
                    withdrawn.forEach((tenant, stated) -> last.put(tenant, stated.getLast()));
                    return record(session, held, last, "statement-withdrawn", by, now);
                });
    }

    /** A page of all that was said about a tenant. */
    public Uni<List<Statements.Listed>> list(String tenant, String after, int limit) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        return sessions.withTransaction((session, tx) -> tenants.find(session, id)
                .map(found -> found.orElseThrow(() -> Declined.unknown("tenant", tenant, "apply its document first")))
                .chain(kept -> statements.page(session, kept.tenant().id(), after, limit)));
    }

    // ---- about a rollout

    /** An approver lets a ring in; never who started the rollout. */
    public Uni<Stated> approveRing(Mutiny.Session session, String rollout, String ring, Wording wording) {
        RolloutId id = Registry.name("rollout", rollout, RolloutId::new);
        RingName name = Registry.name("ring", ring, RingName::new);
        return rollouts.lock(session, List.of(id)).chain(found -> {
            KeptRollout kept = found.stream()
                    .findFirst()
                    .orElseThrow(() -> Declined.unknown("rollout", rollout, "see GET /v1/rollouts"));
            Rollout of = kept.rollout();
            if (of.rings().stream().noneMatch(r -> r.ring().name().equals(name))) {
                throw Declined.unknown(
                        "ring",
                        ring,
                        "use one of "
                                + of.rings().stream().map(r -> r.ring().name()).toList());
            }
            return rollouts.startedBy(session, id).chain(by -> {
                mayApprove(by, wording.by());
                Instant now = now();
                Stated stated = new Stated(
                        id("s-"),
                        new Statement.Approval(Said.Approval.ofRing(name), of.version(), by),
                        wording.by(),
                        wording.note(),
                        now);
                Timeline.Line line = Timeline.Line.after(
                        kept.chain(),
                        new Link.About(rollout, "", ""),
                        entry("statement-made", stated, wording.by()),
                        now);
                return statements
                        .add(session, id, stated)
                        .chain(() -> rollouts.saveChains(session, List.of(line.chain())))
                        .chain(() -> timeline.add(session, List.of(line)))
                        .chain(() -> upgrades.lookNow(session, id, name, now))
                        .chain(() -> rollouts.wake(session, List.of(id), now))
                        .replaceWith(stated);
            });
        });
    }

    // ---- words

    private static Line line(String text) {
        try {
            return new Line(text);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/version",
                    String.valueOf(malformed.getMessage()),
                    "give a version such as 2.0.0 or a line such as 2");
        }
    }

    private Uni<Version> published(Mutiny.Session session, KeptTenant kept, String text) {
        Version version;
        try {
            version = Version.of(text);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    422, "request-refused", "/version", String.valueOf(malformed.getMessage()), "give a full version");
        }
        return products.catalogue(session, kept.tenant().product()).map(catalogue -> {
            Products.Catalogue known = catalogue.orElseThrow();
            if (known.release(version).isEmpty()) {
                throw Declined.because(
                        422,
                        "release-unknown",
                        "/version",
                        "release " + version + " of " + known.product().name() + " is not published",
                        "there are "
                                + known.published().keySet().stream().sorted().toList());
            }
            return version;
        });
    }

    static String id(String prefix) {
        return prefix
                + UUID.randomUUID().toString().replace("-", "").substring(0, 12).toLowerCase(Locale.ROOT);
    }

    private static <T> Uni<T> done(T value) {
        return Uni.createFrom().item(value);
    }

    private Instant now() {
        return Desk.precise(clock.instant());
    }

    /** What an answer shows of a statement. */
    public static Map<String, Object> shown(Stated stated) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", stated.id());
        shown.put("kind", Statements.kind(stated.what().getClass()));
        shown.put("says", stated.what().told());
        shown.put("by", stated.by());
        shown.put("at", stated.at().toString());
        Optional.of(stated.note()).filter(note -> !note.isBlank()).ifPresent(note -> shown.put("note", note));
        return shown;
    }
}
