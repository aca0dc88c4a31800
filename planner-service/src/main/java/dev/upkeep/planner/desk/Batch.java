package dev.upkeep.planner.desk;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Decision;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Upgrade;
import dev.upkeep.planner.store.Closings.Closing;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What one transaction has decided and not yet saved. */
final class Batch {
    private final Instant now;
    private final Map<UpgradeId, Kept> upgrades = new LinkedHashMap<>();
    private final Map<UpgradeId, Kept> changed = new LinkedHashMap<>();
    private final Map<String, Chain> chains = new HashMap<>();
    private final Map<RolloutId, List<Rollout.Move>> moves =
            new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
    private final List<Upgrade> begun = new ArrayList<>();
    private final Map<UpgradeId, Announcement> announced = new LinkedHashMap<>();
    private final List<Closing> closings = new ArrayList<>();
    private final List<Envelope> says = new ArrayList<>();
    private final List<Timeline.Line> lines = new ArrayList<>();

    Batch(Instant now) {
        this.now = now;
    }

    Instant now() {
        return now;
    }

    void load(List<Kept> loaded) {
        loaded.forEach(kept -> upgrades.put(kept.upgrade().subject().upgrade(), kept));
    }

    boolean has(UpgradeId id) {
        return upgrades.containsKey(id);
    }

    Kept upgrade(UpgradeId id) {
        Kept kept = upgrades.get(id);
        if (kept == null) {
            throw new IllegalStateException("upgrade " + id + " is not loaded");
        }
        return kept;
    }

    List<Kept> upgrades() {
        return List.copyOf(upgrades.values());
    }

    /** Tells an upgrade; if that moves it in its rollout's counts, the move is noted. */
    Rollout.Move tell(UpgradeId id, News news) {
        Kept kept = upgrade(id);
        Decision decision = kept.upgrade().decide(news, now);
        State.Phase from = kept.upgrade().state().phase();
        State.Phase to = decision.next().state().phase();
        Rollout.Move move = new Rollout.Move(kept.ring(), from, to);
        if (decision.log().isEmpty() && decision.says().isEmpty()) {
            return move;
        }
        String tenant = kept.upgrade().subject().tenant().value();
        Chain chain = chains.getOrDefault("tenant:" + tenant, kept.chain());
        Link.About about = new Link.About(kept.rollout().value(), tenant, id.value());
        for (Entry entry : decision.log()) {
            Timeline.Line line = Timeline.Line.after(chain, about, entry, now);
            chain = line.chain();
            lines.add(line);
        }
        chains.put("tenant:" + tenant, chain);
        says.addAll(decision.says());
        Kept next = kept.with(decision.next(), chain);
        if (to == State.Phase.WAITING || to == State.Phase.BETWEEN_HOPS) {
            next = next.wokenAt(now);
        }
        if (decision.next().hops().begun() > kept.upgrade().hops().begun()) {
            begun.add(decision.next());
        }
        upgrades.put(id, next);
        changed.put(id, next);
        return move;
    }

    /** Announces an upgrade that has not begun, anew. */
    void announce(UpgradeId id, Announcement told, List<String> notes) {
        Kept kept = upgrade(id);
        Subject subject = kept.upgrade().subject();
        Entry entry = Planned.entry(subject, told);
        Timeline.Line line = Timeline.Line.after(
                chains.getOrDefault("tenant:" + subject.tenant(), kept.chain()),
                new Link.About(kept.rollout().value(), subject.tenant().value(), id.value()),
                entry,
                now);
        lines.add(line);
        says.add(Planned.envelope(subject, told, notes, now));
        chains.put("tenant:" + subject.tenant(), line.chain());
        Kept next = kept.with(kept.upgrade(), line.chain()).wokenAt(now);
        upgrades.put(id, next);
        changed.put(id, next);
        announced.put(id, told);
    }

    /** Tells, and writes down, that the work on a tenant goes beyond its window; it decides nothing. */
    void overruns(Closing closing, String reason, Instant until) {
        Kept kept = upgrade(closing.upgrade());
        Subject subject = kept.upgrade().subject();
        Timeline.Line line = Timeline.Line.after(
                chains.getOrDefault("tenant:" + subject.tenant(), kept.chain()),
                new Link.About(
                        kept.rollout().value(),
                        subject.tenant().value(),
                        subject.upgrade().value()),
                new Entry(
                        "upgrade-overrunning",
                        "",
                        "its window closed at " + closing.closes() + " and it is still at work: " + reason,
                        Map.of("closes", closing.closes().toString(), "until", until.toString())),
                now);
        lines.add(line);
        says.add(new Envelope(
                new EventId(
                        subject.upgrade() + ":overrunning:" + closing.closes().getEpochSecond()),
                "planner",
                now,
                new UpgradeOverrunning(subject, closing.closes(), reason, until)));
        chains.put("tenant:" + subject.tenant(), line.chain());
        Kept next = kept.with(kept.upgrade(), line.chain());
        upgrades.put(closing.upgrade(), next);
        changed.put(closing.upgrade(), next);
    }

    /** A hop begins in a window. */
    void closes(Closing closing) {
        closings.add(closing);
    }

    List<Closing> takeClosings() {
        List<Closing> taken = List.copyOf(closings);
        closings.clear();
        return taken;
    }

    Map<UpgradeId, Announcement> takeAnnounced() {
        Map<UpgradeId, Announcement> taken = new LinkedHashMap<>(announced);
        announced.clear();
        return taken;
    }

    /** Notes a move for the rollout, to be counted when its row is locked. */
    void count(UpgradeId id, Rollout.Move move) {
        if (move.from() != move.to()) {
            moves.computeIfAbsent(upgrade(id).rollout(), r -> new ArrayList<>()).add(move);
        }
    }

    List<RolloutId> moved() {
        return List.copyOf(moves.keySet());
    }

    List<Rollout.Move> moves(RolloutId rollout) {
        List<Rollout.Move> noted = moves.remove(rollout);
        return noted == null ? List.of() : noted;
    }

    /** Takes up what a rollout decided. */
    KeptRollout take(KeptRollout kept, Rollout.Decision decision) {
        Chain chain = kept.chain();
        Link.About about = new Link.About(decision.next().id().value(), "", "");
        for (Entry entry : decision.log()) {
            Timeline.Line line = Timeline.Line.after(chain, about, entry, now);
            chain = line.chain();
            lines.add(line);
        }
        says.addAll(decision.says());
        return new KeptRollout(decision.next(), chain);
    }

    /** Adds a line that no upgrade decided. */
    void note(Timeline.Line line) {
        lines.add(line);
    }

    void say(Envelope envelope) {
        says.add(envelope);
    }

    List<Kept> takeChanged() {
        List<Kept> taken = List.copyOf(changed.values());
        changed.clear();
        return taken;
    }

    /** Upgrades of which a hop has begun. */
    List<Upgrade> takeBegun() {
        List<Upgrade> taken = List.copyOf(begun);
        begun.clear();
        return taken;
    }

    List<Envelope> says() {
        return List.copyOf(says);
    }

    List<Timeline.Line> lines() {
        return List.copyOf(lines);
    }
}
