package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs a rollout in virtual time: rings open one after the other, each when the one before has ended and soaked, and of
 * the tenants that may start, those start first that could start first.
 *
 * <p>It assumes that nothing fails, that everything takes as long as is estimated, and that nobody says anything in the
 * meantime. Ordering: tenants are added in the order of their names; then it is run once.
 */
public final class Forecast {
    /** How far it looks ahead: whoever would start later than this is late. */
    public static final Duration FAR = Duration.ofDays(366);

    private final Instant from;
    private final Instant until;
    private final boolean leaveOut;
    private final Map<RingName, Fleet> fleets = new LinkedHashMap<>();
    private final List<Product.Ring> rings;
    private final Barring barring = new Barring();
    private final Set<TenantId> awaited = new HashSet<>();
    private final Map<TenantId, Instant> done = new HashMap<>();

    /**
     * A forecast without tenants yet.
     *
     * @param leaveOut whether rings go on without the tenants that are blocked, rather than wait for them
     */
    public Forecast(List<Product.Ring> rings, Instant from, boolean leaveOut) {
        this.rings = List.copyOf(rings);
        this.from = from;
        this.until = from.plus(FAR);
        this.leaveOut = leaveOut;
        this.rings.forEach(ring -> fleets.put(ring.name(), new Fleet()));
    }

    /** The tenants of a ring: each kind with its members, in the order in which they were added. */
    private static final class Fleet {
        private final Map<Entrant, List<TenantId>> kinds = new LinkedHashMap<>();
        private int tenants;
        private int blocked;
    }

    /**
     * Adds a tenant.
     *
     * @throws IllegalArgumentException if there is no such ring
     */
    public void add(TenantId tenant, RingName ring, Entrant entrant) {
        Fleet fleet = fleet(ring);
        fleet.tenants++;
        fleet.kinds.computeIfAbsent(entrant, kind -> new ArrayList<>(1)).add(tenant);
        awaited.addAll(entrant.waitsFor());
    }

    /** Adds a tenant that something keeps from starting, whatever the time. */
    public void addBlocked(TenantId tenant, RingName ring, List<Blocker> blockers) {
        Fleet fleet = fleet(ring);
        fleet.tenants++;
        fleet.blocked++;
        barring.add(tenant, blockers);
    }

    private Fleet fleet(RingName ring) {
        Fleet fleet = fleets.get(ring);
        if (fleet == null) {
            throw new IllegalArgumentException("there is no ring " + ring);
        }
        return fleet;
    }

    /** How it would go. */
    public Outlook run() {
        List<Outlook.Ring> outlooks = new ArrayList<>();
        Optional<Instant> opens = Optional.of(from);
        String because = "";
        for (Product.Ring ring : rings) {
            Fleet fleet = fleet(ring.name());
            boolean isEmpty = fleet.tenants == 0 || (leaveOut && fleet.tenants == fleet.blocked);
            if (isEmpty || opens.isEmpty()) {
                outlooks.add(closed(ring.name(), fleet, isEmpty ? "" : because));
                continue;
            }
            Outlook.Ring outlook = run(ring, fleet, opens.get());
            outlooks.add(outlook);
            Optional<Instant> ended = leaveOut && outlook.late() == 0 ? last(outlook) : outlook.finishes();
            // An empty ring is passed over; a ring of which nobody could start soaks from its opening.
            opens = ended.map(end -> end.plus(ring.soak()));
            because = "ring " + ring.name() + " does not finish";
        }
        return new Outlook(from, until, outlooks, barring.barred());
    }

    private static Optional<Instant> last(Outlook.Ring outlook) {
        return outlook.finishes().or(outlook::opens);
    }

    private static Outlook.Ring closed(RingName name, Fleet fleet, String because) {
        return new Outlook.Ring(
                name,
                fleet.tenants,
                0,
                fleet.blocked,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                because);
    }

    private Outlook.Ring run(Product.Ring ring, Fleet fleet, Instant opens) {
        RingRun run = new RingRun(ring.concurrency(), opens, until, tenant -> Optional.ofNullable(done.get(tenant)));
        fleet.kinds.forEach(run::enter);
        List<RingRun.Start> starts = run.run(start -> {
            if (awaited.contains(start.tenant())) {
                done.put(start.tenant(), start.ends());
            }
        });
        run.barred().forEach(barring::add);
        int blocked = fleet.blocked + run.barred().size();
        List<Instant> ends = starts.stream().map(RingRun.Start::ends).sorted().toList();
        boolean waits = run.late() > 0 || (blocked > 0 && !leaveOut);
        return new Outlook.Ring(
                ring.name(),
                fleet.tenants,
                ends.size(),
                blocked,
                run.late(),
                Optional.of(opens),
                quantile(ends, 50),
                quantile(ends, 90),
                waits || ends.isEmpty() ? Optional.empty() : Optional.of(ends.getLast()),
                waits ? because(blocked, run.late()) : "");
    }

    private String because(int blocked, int late) {
        List<String> reasons = new ArrayList<>();
        if (blocked > 0 && !leaveOut) {
            reasons.add(blocked + " of its tenants are blocked, and nobody knows for how long");
        }
        if (late > 0) {
            reasons.add(late + " of its tenants would not be done by " + until);
        }
        return String.join("; ", reasons);
    }

    /** The smallest of the sorted values that so many percent of them do not exceed. */
    static Optional<Instant> quantile(List<Instant> sorted, int percent) {
        return sorted.isEmpty()
                ? Optional.empty()
                : Optional.of(sorted.get((int) ((sorted.size() * (long) percent + 99) / 100) - 1));
    }
}
