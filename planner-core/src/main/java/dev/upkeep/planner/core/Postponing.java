package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long a customer may postpone the upgrades of a tenant.
 *
 * <p>The longest delay is the product's for the bump, and counts from when the oldest release that the customer keeps
 * back came out: of those that rollouts have planned for the tenant, or else of those that are out. What an earlier delay
 * kept back counts on for as long as the tenant has not got it, so that no later release stretches the time. A date is a
 * date of the account's zone, and is when the day begins.
 *
 * @param planned the versions that upgrades of the tenant would go to, of those that have not begun
 * @param out when each release of the product came out
 * @param earlier every delay that was ever asked for, withdrawn ones too
 */
public record Postponing(
        Product product,
        Tenant tenant,
        Collection<Version> planned,
        Map<Version, Instant> out,
        List<Statement.Delay> earlier) {
    public Postponing {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(tenant, "tenant");
        planned = List.copyOf(planned);
        out = Map.copyOf(out);
        earlier = List.copyOf(earlier);
    }

    /** What comes of a wish. */
    public sealed interface Answer {}

    /** It is so. */
    public record Granted(Statement.Delay delay) implements Answer {}

    /**
     * It can't be.
     *
     * @param latest the last date that could be, if any could
     */
    public record Refused(String because, Optional<LocalDate> latest) implements Answer {
        public Refused {
            Objects.requireNonNull(because, "because");
            Objects.requireNonNull(latest, "latest");
        }
    }

    /** A release that is kept back, with the most that its bump allows. */
    private record KeptBack(Version version, Instant cameOut, Duration most) {
        Instant latest() {
            return cameOut.plus(most);
        }
    }

    /** The last date until which upgrades can be postponed; none where they can't be. */
    public Optional<LocalDate> latest(Instant now) {
        return latestInstant(now)
                .filter(now::isBefore)
                .map(this::date)
                .filter(date -> starts(date).isAfter(now));
    }

    /** Whether upgrades may be postponed until a date. */
    public Answer until(LocalDate date, Instant now) {
        Instant until = starts(date);
        if (!until.isAfter(now)) {
            return new Refused(date + " has begun in " + tenant.zone(), latest(now));
        }
        Optional<KeptBack> oldest = oldest();
        Optional<Instant> latest = latestInstant(now);
        if (latest.isEmpty()) {
            return new Refused(
                    oldest.isEmpty() && !isAnyOut()
                            ? "no upgrade of " + product.name() + " can be postponed"
                            : "what is out for " + tenant.id() + " can't be postponed",
                    Optional.empty());
        }
        if (until.isAfter(latest.get())) {
            return new Refused(
                    oldest.map(kept -> "for " + tenant.id() + ", " + kept.most().toDays() + " days count from "
                                    + date(kept.cameOut()) + ", when the oldest release so postponed came out")
                            .orElseGet(() -> "upgrades of " + tenant.id() + " can be postponed for "
                                    + longest().toDays() + " days"),
                    latest(now));
        }
        return new Granted(new Statement.Delay(until, oldest.map(KeptBack::version), oldest.map(KeptBack::cameOut)));
    }

    private Optional<Instant> latestInstant(Instant now) {
        return oldest().map(KeptBack::latest)
                .or(() -> isAnyOut() || longest().isZero() ? Optional.empty() : Optional.of(now.plus(longest())));
    }

    /** What has been kept back the longest, or will be; only of what may be postponed at all. */
    private Optional<KeptBack> oldest() {
        Stream<KeptBack> now = ahead().stream()
                .flatMap(version -> Optional.ofNullable(out.get(version)).stream()
                        .map(at -> new KeptBack(version, at, most(version))));
        Stream<KeptBack> before = earlier.stream()
                .flatMap(delay -> delay
                        .postpones()
                        .filter(version -> version.compareTo(tenant.version()) > 0)
                        .flatMap(version -> delay.countedFrom().map(at -> new KeptBack(version, at, most(version))))
                        .stream());
        return Stream.concat(now, before)
                .filter(kept -> !kept.most().isZero())
                .min(Comparator.comparing(KeptBack::cameOut));
    }

    private boolean isAnyOut() {
        return !ahead().isEmpty();
    }

    private List<Version> ahead() {
        Collection<Version> versions = planned.isEmpty() ? out.keySet() : planned;
        return versions.stream()
                .filter(version -> version.compareTo(tenant.version()) > 0)
                .filter(version -> !planned.isEmpty() || version.preRelease().isEmpty())
                .toList();
    }

    private Duration most(Version version) {
        return product.meaning(Bump.between(tenant.version(), version)).delay();
    }

    private Duration longest() {
        return Stream.of(Bump.values())
                .map(bump -> product.meaning(bump).delay())
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    private Instant starts(LocalDate date) {
        return date.atStartOfDay(tenant.zone()).toInstant();
    }

    private LocalDate date(Instant at) {
        return at.atZone(tenant.zone()).toLocalDate();
    }
}
