package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.TenantId;
import dev.upkeep.planner.core.Blocker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * One ring in virtual time: an event queue of kinds of tenants, each at the instant from which it may start.
 *
 * <p>A kind is looked at anew when a slot is free for it, because its window may have closed while it waited; then it
 * enters the queue again at its next chance. So the work is the number of starts and of chances, not their product.
 */
final class RingRun {
    /** No rule names a next time so often without coming to an end; it keeps a faulty one from running for ever. */
    private static final int LOOKS = 10_000;

    private final int concurrency;
    private final Instant opens;
    private final Instant until;
    private final Entrant.Done done;
    private final PriorityQueue<Kind> queue = new PriorityQueue<>(Comparator.comparing((Kind kind) -> kind.mayStart)
            .thenComparing(kind -> kind.next().value()));
    private final Map<TenantId, List<Kind>> waiting = new HashMap<>();
    private final Map<TenantId, List<Blocker>> barred = new LinkedHashMap<>();
    private final List<Kind> kinds = new ArrayList<>();
    private int late;

    /**
     * A ring that opens.
     *
     * @param until whoever starts or ends after it is late
     */
    RingRun(int concurrency, Instant opens, Instant until, Entrant.Done done) {
        this.concurrency = concurrency;
        this.opens = opens;
        this.until = until;
        this.done = done;
    }

    /** One tenant's upgrade. */
    record Start(TenantId tenant, Instant starts, Instant ends) {}

    /** What becomes of a kind from an instant on. */
    private sealed interface Chance {
        record From(Instant at) implements Chance {}

        record Late() implements Chance {}

        record Never(List<Blocker> blockers) implements Chance {}
    }

    /** Tenants that are alike; the first of those that have not started is next. */
    private static final class Kind {
        private final Entrant entrant;
        private final List<TenantId> members;
        private int started;
        private Instant mayStart = Instant.MAX;
        private boolean waits;
        private List<Blocker> waitsBecause = List.of();

        Kind(Entrant entrant, List<TenantId> members) {
            this.entrant = entrant;
            this.members = members;
        }

        TenantId next() {
            return members.get(started);
        }

        List<TenantId> left() {
            return members.subList(started, members.size());
        }
    }

    void enter(Entrant entrant, List<TenantId> members) {
        kinds.add(new Kind(entrant, members));
    }

    /** What keeps which tenants from starting, whatever the time. */
    Map<TenantId, List<Blocker>> barred() {
        return barred;
    }

    /** How many would start or end too late. */
    int late() {
        return late;
    }

    /**
     * Runs it.
     *
     * @param begun hears of each start, in their order
     */
    List<Start> run(Consumer<Start> begun) {
        kinds.forEach(kind -> place(kind, opens));
        PriorityQueue<Instant> slots = new PriorityQueue<>();
        List<Start> starts = new ArrayList<>();
        while (!queue.isEmpty()) {
            Kind kind = queue.remove();
            Instant free = slots.size() < concurrency ? opens : slots.element();
            if (free.isAfter(kind.mayStart) && !isOpen(kind, free)) {
                place(kind, free);
                continue;
            }
            Instant now = free.isAfter(kind.mayStart) ? free : kind.mayStart;
            Instant ends = now.plus(kind.entrant.takes());
            if (slots.size() == concurrency) {
                slots.remove();
            }
            slots.add(ends);
            Start start = new Start(kind.next(), now, ends);
            kind.started++;
            begun.accept(start);
            free(start);
            if (ends.isAfter(until)) {
                late++;
            } else {
                starts.add(start);
            }
            if (!kind.left().isEmpty()) {
                queue.add(kind);
            }
        }
        kinds.stream().filter(kind -> kind.waits).forEach(kind -> bar(kind, kind.waitsBecause));
        return starts;
    }

    private boolean isOpen(Kind kind, Instant at) {
        return kind.entrant.blockers(at, done).isEmpty();
    }

    private void free(Start start) {
        List<Kind> freed = waiting.remove(start.tenant());
        if (freed != null) {
            // Whoever waited for several tenants was freed by the first of them.
            freed.stream().filter(kind -> kind.waits).forEach(kind -> place(kind, start.ends()));
        }
    }

    /** Puts a kind where it may start next, at an instant or after it. */
    private void place(Kind kind, Instant at) {
        kind.waits = false;
        switch (chance(kind, at)) {
            case Chance.From c -> {
                kind.mayStart = c.at();
                queue.add(kind);
            }
            case Chance.Late c -> late += kind.left().size();
            case Chance.Never c -> {
                List<TenantId> others = kind.entrant.waitsFor().stream()
                        .filter(other -> done.at(other).isEmpty())
                        .toList();
                if (others.isEmpty()) {
                    bar(kind, c.blockers());
                } else {
                    kind.waits = true;
                    kind.waitsBecause = c.blockers();
                    others.forEach(other -> waiting.computeIfAbsent(other, t -> new ArrayList<>())
                            .add(kind));
                }
            }
        }
    }

    private Chance chance(Kind kind, Instant at) {
        Instant now = at;
        for (int look = 0; look < LOOKS; look++) {
            if (now.isAfter(until)) {
                return new Chance.Late();
            }
            List<Blocker> blockers = kind.entrant.blockers(now, done);
            if (blockers.isEmpty()) {
                return new Chance.From(now);
            }
            List<Blocker> endless =
                    blockers.stream().filter(b -> b.until().isEmpty()).toList();
            if (!endless.isEmpty()) {
                return new Chance.Never(endless);
            }
            Instant next = blockers.stream()
                    .flatMap(b -> b.until().stream())
                    .max(Comparator.naturalOrder())
                    .orElse(now);
            if (!next.isAfter(now)) {
                return new Chance.Never(blockers);
            }
            now = next;
        }
        return new Chance.Late();
    }

    private void bar(Kind kind, List<Blocker> blockers) {
        kind.left().forEach(tenant -> barred.put(tenant, blockers));
    }
}
