package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the start rules look at.
 *
 * @param stretch the releases from what is installed to where it would go
 * @param planned the next hop, or why there is none
 * @param openings when windows open
 */
public record StartFacts(
        Tenant tenant,
        Said said,
        Product product,
        Stretch stretch,
        Planning.Planned planned,
        Rollout rollout,
        Announced announced,
        Surroundings around,
        Openings openings) {
    public StartFacts {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(said, "said");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(stretch, "stretch");
        Objects.requireNonNull(planned, "planned");
        Objects.requireNonNull(rollout, "rollout");
        Objects.requireNonNull(announced, "announced");
        Objects.requireNonNull(around, "around");
        Objects.requireNonNull(openings, "openings");
    }

    /** The same with another announcement. */
    public StartFacts told(Announced told) {
        return new StartFacts(tenant, said, product, stretch, planned, rollout, told, around, openings);
    }

    /** The same with other things going on around the tenant. */
    public StartFacts amid(Surroundings others) {
        return new StartFacts(tenant, said, product, stretch, planned, rollout, announced, others, openings);
    }

    /** Where it would go. */
    public Version to() {
        return stretch.to();
    }

    /** Whether it is a way back from a recalled release. */
    boolean isRecall() {
        return rollout.kind() == Rollout.Kind.RECALL;
    }

    Bump bump() {
        return stretch.bump();
    }

    Product.Meaning meaning() {
        return product.meaning(bump());
    }

    RingProgress ring() {
        return rollout.ring(tenant.ring());
    }

    Optional<Product.Procedure> procedure() {
        return stretch.crossing(product, tenant)
                .flatMap(crossing -> product.procedure(tenant.model(), bump(), crossing));
    }

    /** Whether it goes by the lane of security releases. */
    boolean isExpedited() {
        return stretch.isSecurity() && product.policies().expedited().bumps().contains(bump());
    }

    /** How long before the start it must have been announced. */
    Duration notice() {
        Duration usual = meaning().notice();
        Duration expedited = product.policies().expedited().notice();
        return isExpedited() && expedited.compareTo(usual) < 0 ? expedited : usual;
    }

    /** The tenant's freezes and those of its account and product, as far as they keep this bump from starting. */
    public List<Tenant.Freeze> freezes() {
        List<Tenant.Freeze> all = new ArrayList<>(tenant.freezes());
        all.addAll(around.freezes());
        all.removeIf(f -> !f.bumps().isEmpty() && !f.bumps().contains(bump()));
        return all;
    }

    /** When the window closes that is open at an instant; nothing where work may run at any time. */
    public Optional<Instant> windowCloses(Instant now) {
        List<Window> windows = tenant.windows();
        return windows.isEmpty()
                ? Optional.empty()
                : openings.after(windows, now, 1).stream()
                        .findFirst()
                        .filter(opening -> opening.contains(now))
                        .map(Opening::to);
    }

    /**
     * What is known before a hop begins.
     *
     * @param schema the fingerprint that the version to go back to ran on here, if the hop goes back to it
     */
    public Map<String, String> known(Optional<String> schema, Instant now) {
        Map<String, String> known = new HashMap<>();
        schema.ifPresent(fingerprint -> known.put(Fact.SCHEMA_KNOWN, fingerprint));
        latestChange(now).ifPresent(latest -> known.put(Fact.CHANGE_LATEST, latest.toString()));
        return known;
    }

    /** When the first change must have begun for the rest of the way and the longest way back to be over in time. */
    private Optional<Instant> latestChange(Instant now) {
        Optional<Instant> frozen = freezes().stream()
                .map(Tenant.Freeze::from)
                .filter(from -> from.isAfter(now))
                .min(Instant::compareTo);
        return Stream.concat(windowCloses(now).stream(), frozen.stream())
                .min(Instant::compareTo)
                .flatMap(end -> switch (planned) {
                    case Planning.Planned.Way way ->
                        estimate()
                                .map(e -> end.minus(e.from(way.plan().firstChange()))
                                        .minus(e.undo()));
                    case Planning.Planned.NoWay none -> Optional.empty();
                });
    }

    /** How long it takes, where there is a plan. */
    public Optional<Estimate> estimate() {
        return switch (planned) {
            case Planning.Planned.Way way ->
                Optional.of(Estimate.of(
                        way.plan(),
                        stretch,
                        tenant.site().rows(),
                        around.measured(),
                        procedure().map(Product.Procedure::downtime).orElse(Duration.ZERO)));
            case Planning.Planned.NoWay none -> Optional.empty();
        };
    }
}
