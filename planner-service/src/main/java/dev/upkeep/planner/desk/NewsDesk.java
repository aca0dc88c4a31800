package dev.upkeep.planner.desk;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.event.DeliveryEvent;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ParkedEvent;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.VerdictEvent;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.hibernate.reactive.mutiny.Mutiny;

/** Turns what the other services say into news for upgrades. */
@ApplicationScoped
public class NewsDesk {
    private final InstantSource clock;
    private final Desk desk;
    private final Upgrades upgrades;
    private final Tenants tenants;
    private final Rollouts rollouts;
    private final Timeline timeline;
    private final Announcements announcements;

    NewsDesk(
            InstantSource clock,
            Desk desk,
            Upgrades upgrades,
            Tenants tenants,
            Rollouts rollouts,
            Timeline timeline,
            Announcements announcements) {
        this.clock = clock;
        this.desk = desk;
        this.upgrades = upgrades;
        this.tenants = tenants;
        this.rollouts = rollouts;
        this.timeline = timeline;
        this.announcements = announcements;
    }

    /** What came of attempts. */
    public Uni<Void> results(Mutiny.Session session, List<Envelope> fresh) {
        List<Told> news = new ArrayList<>();
        for (Envelope envelope : fresh) {
            switch (envelope.event()) {
                case ResultEvent.StepStarted e -> {}
                case ResultEvent.StepSucceeded e ->
                    news.add(new Told(
                            e.upgrade(),
                            new News.Done(asked(e.step(), e.attempt(), e.token()), e.found(), e.summary())));
                case ResultEvent.StepFailed e ->
                    news.add(new Told(
                            e.upgrade(),
                            new News.NotDone(
                                    asked(e.step(), e.attempt(), e.token()),
                                    e.code(),
                                    e.reason(),
                                    e.fix(),
                                    e.retryable())));
                case ResultEvent.StepUncertain e ->
                    news.add(new Told(
                            e.upgrade(), new News.Unclear(asked(e.step(), e.attempt(), e.token()), e.reason())));
                default -> throw unexpected(envelope);
            }
        }
        return desk.tell(session, news, clock.instant());
    }

    /** What the verifier judged. */
    public Uni<Void> verdicts(Mutiny.Session session, List<Envelope> fresh) {
        List<Told> news = new ArrayList<>();
        for (Envelope envelope : fresh) {
            if (!(envelope.event() instanceof VerdictEvent.VerdictReached e)) {
                throw unexpected(envelope);
            }
            news.add(new Told(e.upgrade(), new News.Judged(asked(e.step(), e.attempt(), e.token()), e.verdict())));
        }
        return desk.tell(session, news, clock.instant());
    }

    /** Whose records wait behind one that can't be processed: their upgrades are held. */
    public Uni<Void> parked(Mutiny.Session session, List<Envelope> fresh) {
        Map<TenantId, ParkedEvent.KeyParked> parked = new LinkedHashMap<>();
        for (Envelope envelope : fresh) {
            if (!(envelope.event() instanceof ParkedEvent.KeyParked e)) {
                throw unexpected(envelope);
            }
            // A key that names no tenant, such as a rollout's, holds nobody up.
            tenant(e.key()).ifPresent(tenant -> parked.putIfAbsent(tenant, e));
        }
        return upgrades.ofTenants(session, parked.keySet())
                .chain(ids -> ids.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : upgrades.lock(session, ids)
                                .chain(kept -> desk.tell(
                                        session,
                                        kept.stream()
                                                .flatMap(k -> Optional.ofNullable(parked.get(k.upgrade()
                                                                .subject()
                                                                .tenant()))
                                                        .map(e -> new Told(
                                                                k.upgrade()
                                                                        .subject()
                                                                        .upgrade(),
                                                                new News.KeyWasParked(e.service(), e.reason())))
                                                        .stream())
                                                .toList(),
                                        clock.instant())));
    }

    /** Which notices reached somebody: written down where it can be read what was told to whom. */
    public Uni<Void> deliveries(Mutiny.Session session, List<Envelope> fresh) {
        List<DeliveryEvent> events = new ArrayList<>();
        List<Announcements.News> heard = new ArrayList<>();
        for (Envelope envelope : fresh) {
            if (!(envelope.event() instanceof DeliveryEvent e)) {
                throw unexpected(envelope);
            }
            events.add(e);
            heard(envelope, e).ifPresent(heard::add);
        }
        Instant now = Desk.precise(clock.instant());
        List<String> tenantIds =
                events.stream().map(DeliveryEvent::about).distinct().toList();
        List<RolloutId> rolloutIds = tenantIds.stream()
                .filter(about -> about.startsWith("r-"))
                .map(RolloutId::new)
                .sorted((a, b) -> a.value().compareTo(b.value()))
                .toList();
        // Upgrades are locked before tenants, and both before rollouts, as everywhere.
        return announcements
                .hear(session, heard, now)
                .chain(waiting -> tenants.lock(session, tenantIds)
                        .chain(foundTenants -> rollouts.lock(session, rolloutIds)
                                .chain(foundRollouts -> note(session, events, foundTenants, foundRollouts, now)))
                        .chain(() -> rollouts.wake(session, waiting, now)));
    }

    /** What a delivery says about an announcement: only what was told to a customer's contact counts. */
    private static Optional<Announcements.News> heard(Envelope envelope, DeliveryEvent event) {
        return switch (event) {
            case DeliveryEvent.NoticeDelivered e ->
                heard(e.cause(), e.channel(), e.contactOf(), Optional.of(envelope.time()), Optional.empty());
            case DeliveryEvent.NoticeFailed e ->
                heard(e.cause(), e.channel(), e.contactOf(), Optional.empty(), Optional.of(e.reason()));
        };
    }

    private static Optional<Announcements.News> heard(
            EventId cause,
            String channel,
            Optional<AccountId> contactOf,
            Optional<Instant> deliveredAt,
            Optional<String> failure) {
        OptionalInt revision = Planned.revision(cause);
        return revision.isEmpty()
                ? Optional.empty()
                : contactOf.map(account -> new Announcements.News(
                        new UpgradeId(cause.value().substring(0, cause.value().indexOf(':'))),
                        revision.getAsInt(),
                        channel,
                        account,
                        deliveredAt.map(Desk::precise),
                        failure));
    }

    private Uni<Void> note(
            Mutiny.Session session,
            List<DeliveryEvent> events,
            List<KeptTenant> foundTenants,
            List<KeptRollout> foundRollouts,
            Instant now) {
        Map<String, Chain> ofTenants = new LinkedHashMap<>();
        foundTenants.forEach(t -> ofTenants.put(t.tenant().id().value(), t.chain()));
        Map<String, Chain> ofRollouts = new LinkedHashMap<>();
        foundRollouts.forEach(r -> ofRollouts.put(r.rollout().id().value(), r.chain()));
        List<Timeline.Line> lines = new ArrayList<>();
        for (DeliveryEvent event : events) {
            Entry entry = entry(event);
            String upgrade = upgrade(event);
            Chain ofTenant = ofTenants.get(event.about());
            Chain ofRollout = ofRollouts.get(event.about());
            if (ofTenant != null) {
                Timeline.Line line = Timeline.Line.after(
                        ofTenant, new Link.About(rolloutOf(upgrade), event.about(), upgrade), entry, now);
                ofTenants.put(event.about(), line.chain());
                lines.add(line);
            } else if (ofRollout != null) {
                Timeline.Line line = Timeline.Line.after(ofRollout, new Link.About(event.about(), "", ""), entry, now);
                ofRollouts.put(event.about(), line.chain());
                lines.add(line);
            }
        }
        return tenants.saveChains(session, List.copyOf(ofTenants.values()))
                .chain(() -> rollouts.saveChains(session, List.copyOf(ofRollouts.values())))
                .chain(() -> timeline.add(session, lines));
    }

    private static Entry entry(DeliveryEvent event) {
        return switch (event) {
            case DeliveryEvent.NoticeDelivered e ->
                new Entry(
                        "notice-delivered",
                        "",
                        "told " + e.subscriber() + " by " + e.channel() + ": "
                                + kind(e.cause().value()),
                        Map.of("notice", e.notice(), "channel", e.channel(), "subscriber", e.subscriber()));
            case DeliveryEvent.NoticeFailed e ->
                new Entry(
                        "notice-failed",
                        "",
                        "could not tell " + e.subscriber() + " by " + e.channel() + ": " + e.reason(),
                        Map.of("notice", e.notice(), "channel", e.channel(), "subscriber", e.subscriber()));
        };
    }

    /** A lifecycle event's id begins with the upgrade's or the rollout's, then says what happened. */
    private static String upgrade(DeliveryEvent event) {
        String cause = switch (event) {
            case DeliveryEvent.NoticeDelivered e -> e.cause().value();
            case DeliveryEvent.NoticeFailed e -> e.cause().value();
        };
        int colon = cause.indexOf(':');
        return cause.startsWith("u-") && colon > 0 ? cause.substring(0, colon) : "";
    }

    private static String rolloutOf(String upgrade) {
        return upgrade.length() < 12 ? "" : "r" + upgrade.substring(1, 12);
    }

    private static String kind(String cause) {
        String[] parts = cause.split(":", -1);
        return parts.length < 2 ? cause : parts[1];
    }

    private static Optional<TenantId> tenant(String key) {
        try {
            return Optional.of(new TenantId(key));
        } catch (IllegalArgumentException noTenant) {
            return Optional.empty();
        }
    }

    private static News.Asked asked(StepId step, int attempt, Token token) {
        return new News.Asked(step, attempt, token);
    }

    private static IllegalArgumentException unexpected(Envelope envelope) {
        return new IllegalArgumentException("event " + envelope.id() + " does not belong on this topic: "
                + envelope.event().topic());
    }
}
