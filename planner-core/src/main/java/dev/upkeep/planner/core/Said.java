package dev.upkeep.planner.core;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What people have said about a tenant's upgrades, as far as it still stands.
 *
 * @param consents what the customer said yes to: a version, or a line such as {@code 2} or {@code 2.1}
 * @param requested the versions that the customer asked for
 * @param acknowledged by version, who has read its notes
 * @param guides the versions whose migration guide somebody has read
 * @param delay until when the customer wants to wait
 * @param approvals who approved what; a requester's own approval is none
 * @param waivers by rule, the approver who let it go, on record
 */
public record Said(
        Set<Line> consents,
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
     * What statements come to for the upgrade to a version.
     *
     * @param standing those that were not withdrawn, in the order in which they were made
     * @param cameOut when that version was published, if it is
     */
    public static Said of(List<Stated> standing, Version to, Optional<Instant> cameOut) {
        Set<Line> consents = new HashSet<>();
        Set<Version> requested = new HashSet<>();
        Map<Version, String> acknowledged = new HashMap<>();
        Set<Version> guides = new HashSet<>();
        Optional<Delay> delay = Optional.empty();
        List<Approval> approvals = new ArrayList<>();
        Map<String, String> waivers = new HashMap<>();
        for (Stated stated : standing) {
            switch (stated.what()) {
                case Statement.Consent s -> consents.add(s.line());
                case Statement.Request s -> requested.add(s.version());
                case Statement.NotesRead s -> acknowledged.putIfAbsent(s.version(), stated.by());
                case Statement.GuideRead s -> guides.add(s.version());
                case Statement.Delay s -> delay = Optional.of(delay(stated, s, cameOut));
                case Statement.OverrideAsked s -> {}
                case Statement.Approval s ->
                    approvals.add(new Approval(s.what(), s.version(), s.requestedBy(), stated.by()));
                case Statement.Waiver s -> {
                    if (s.version().equals(to)) {
                        waivers.put(s.rule(), stated.by());
                    }
                }
            }
        }
        return new Said(consents, requested, acknowledged, guides, delay, approvals, waivers);
    }

    /** One that was made before anything was out to postpone counts from what it then met. */
    private static Delay delay(Stated stated, Statement.Delay said, Optional<Instant> cameOut) {
        Instant countedFrom = said.countedFrom()
                .orElseGet(() -> cameOut.filter(at -> at.isAfter(stated.at())).orElse(stated.at()));
        return new Delay(said.until(), countedFrom, stated.by());
    }

    /** Whether the customer said yes to a version. */
    public boolean consentsTo(Version version) {
        return consents.stream().anyMatch(line -> line.covers(version));
    }

    /** Whether a ring of the rollout of a version was approved. */
    public boolean isRingApproved(RingName ring, Version version) {
        return !approversOf(Approval.ofRing(ring), version).isEmpty();
    }

    /** Who approved something for a version: each person once, and nobody who asked for it. */
    List<String> approversOf(String what, Version version) {
        List<Approval> given = approvals.stream()
                .filter(a -> a.what().equals(what) && a.version().equals(version))
                .toList();
        List<String> approvers = new ArrayList<>();
        for (Approval approval : given) {
            if (given.stream().allMatch(a -> Approvals.mayApprove(a.requestedBy(), approval.by()))
                    && approvers.stream().allMatch(other -> Approvals.mayApprove(other, approval.by()))) {
                approvers.add(approval.by());
            }
        }
        return approvers;
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
        /** To go against a customer's delay. */
        public static final String OVERRIDE_DELAY = "override-delay";

        /** To let a ring's upgrades start. */
        public static String ofRing(RingName ring) {
            return "ring:" + ring;
        }

        public Approval {
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(requestedBy, "requestedBy");
            Objects.requireNonNull(by, "by");
        }
    }
}
