package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What people have said about a tenant's upgrades, as far as it still stands.
 *
 * @param consents the majors that the customer said yes to
 * @param requested the versions that the customer asked for
 * @param acknowledged by version, who has read its notes
 * @param guides the versions whose migration guide somebody has read
 * @param delay until when the customer wants to wait
 * @param approvals who approved what; a requester's own approval is none
 * @param waivers by rule, the approver who let it go, on record
 */
public record Said(
        Set<Version> consents,
        Set<Version> requested,
        Map<Version, String> acknowledged,
        Set<Version> guides,
        Optional<Delay> delay,
        List<Approval> approvals,
        Map<String, String> waivers) {
    /** Nobody has said anything. */
    public static final Said NOTHING =
            new Said(Set.of(), Set.of(), Map.of(), Set.of(), Optional.empty(), List.of(), Map.of());

    public Said {
        consents = Set.copyOf(consents);
        requested = Set.copyOf(requested);
        acknowledged = Map.copyOf(acknowledged);
        guides = Set.copyOf(guides);
        Objects.requireNonNull(delay, "delay");
        approvals = List.copyOf(approvals);
        waivers = Map.copyOf(waivers);
    }

    /**
     * A postponement.
     *
     * @param until when it ends
     * @param countedFrom when the oldest release that it postpones came out: the longest delay counts from there
     */
    public record Delay(Instant until, Instant countedFrom, String by) {
        public Delay {
            Objects.requireNonNull(until, "until");
            Objects.requireNonNull(countedFrom, "countedFrom");
            Objects.requireNonNull(by, "by");
        }
    }

    /**
     * One person's agreement.
     *
     * @param what such as {@code override-delay} or {@code ring:general}
     */
    public record Approval(String what, Version version, String requestedBy, String by) {
        public Approval {
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(requestedBy, "requestedBy");
            Objects.requireNonNull(by, "by");
        }
    }
}
