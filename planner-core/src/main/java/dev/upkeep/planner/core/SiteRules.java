package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.StartRules.blocked;
import static dev.upkeep.planner.core.StartRules.until;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a tenant must be like before work on it begins, and what must be at rest around it. */
final class SiteRules {
    private SiteRules() {}

    static Optional<Blocker> pathExists(StartFacts facts, Instant now) {
        return switch (facts.planned()) {
            case Planning.Planned.Way w -> Optional.empty();
            case Planning.Planned.NoWay w -> blocked("pathExists", String.join("; ", w.reasons()));
        };
    }

    static Optional<Blocker> noOtherUpgradeActive(StartFacts facts, Instant now) {
        return facts.around()
                .otherActive()
                .flatMap(other -> blocked("noOtherUpgradeActive", "upgrade " + other + " has not ended"));
    }

    /** A tenant and what stands for a part of it never change at the same time. */
    static Optional<Blocker> peersAreAtRest(StartFacts facts, Instant now) {
        List<String> restless = new ArrayList<>();
        facts.tenant().site().peers().forEach((component, id) -> {
            Surroundings.Peer peer = facts.around().peers().get(id);
            if (peer == null) {
                restless.add("tenant " + id + ", its " + component + ", is not registered");
            } else {
                peer.busy().ifPresent(busy -> restless.add("at tenant " + id + ", its " + component + ", " + busy));
            }
        });
        restless.sort(Comparator.naturalOrder());
        return restless.isEmpty() ? Optional.empty() : blocked("peersAreAtRest", String.join("; ", restless));
    }

    static Optional<Blocker> keyIsNotParked(StartFacts facts, Instant now) {
        return facts.around()
                .parkedBecause()
                .flatMap(reason -> blocked("keyIsNotParked", "the tenant's records are parked: " + reason));
    }

    static Optional<Blocker> requiredSettingsAreSet(StartFacts facts, Instant now) {
        List<String> missing = SettingChanges.of(
                        facts.product(), facts.tenant(), facts.stretch().releases())
                .missing();
        return missing.isEmpty()
                ? Optional.empty()
                : blocked("requiredSettingsAreSet", "not set: " + String.join(", ", missing));
    }

    /** Runs on what it is known to run on: a version that nobody vouched for blocks, whether it is too old or too new. */
    static Optional<Blocker> thirdPartiesFit(StartFacts facts, Instant now) {
        List<Policies.Row> matrix = facts.product().policies().matrix();
        List<Policies.Row> rows = matrix.stream()
                .filter(row -> row.releases().covers(facts.to().toString()))
                .toList();
        if (!matrix.isEmpty() && rows.isEmpty()) {
            return blocked(
                    "thirdPartiesFit", "the matrix of " + facts.product().name() + " does not cover " + facts.to());
        }
        Map<String, Range> ofReleases = new LinkedHashMap<>();
        facts.stretch().releases().forEach(release -> ofReleases.putAll(release.thirdParty()));
        List<String> unfit = Stream.concat(
                        rows.stream().flatMap(row -> row.needs().entrySet().stream()), ofReleases.entrySet().stream())
                .flatMap(need -> unfit(facts, need.getKey(), need.getValue()).stream())
                .distinct()
                .sorted()
                .toList();
        return unfit.isEmpty() ? Optional.empty() : blocked("thirdPartiesFit", String.join("; ", unfit));
    }

    private static Optional<String> unfit(StartFacts facts, String name, Range needed) {
        String found = facts.tenant().site().thirdParty().get(name);
        if (found == null) {
            return Optional.of("the version of " + name + " is not known, " + needed + " is needed");
        }
        return needed.covers(found)
                ? Optional.empty()
                : Optional.of(name + " is " + found + ", " + needed + " is needed");
    }

    /** A tag that moves is for those who can bear that, and what it names is where they stay. */
    static Optional<Blocker> tagMayBeFollowed(StartFacts facts, Instant now) {
        Optional<String> follows = facts.tenant().site().follows();
        Map<Policies.Tag, Set<Policies.Environment>> floating =
                facts.product().policies().versioning().floating();
        if (follows.isEmpty()) {
            return Optional.empty();
        }
        String tag = follows.get();
        Optional<Policies.Tag> shape = FloatingTag.shape(tag);
        Policies.Environment environment = facts.tenant().site().environment();
        if (!floating.isEmpty()
                && shape.filter(s -> floating.getOrDefault(s, Set.of()).contains(environment))
                        .isEmpty()) {
            return blocked(
                    "tagMayBeFollowed",
                    "it follows the tag " + tag + ", which no tenant for "
                            + environment.name().toLowerCase(Locale.ROOT) + " may: pin a version");
        }
        return shape.filter(s -> s != Policies.Tag.SNAPSHOT).isPresent()
                        && !new Line(tag.replaceFirst("^v", "")).covers(facts.to())
                ? blocked(
                        "tagMayBeFollowed",
                        "it follows the tag " + tag + ", and " + facts.to() + " is not of that line")
                : Optional.empty();
    }

    /** What production gets has run before where it could do no harm. */
    static Optional<Blocker> stagedFirst(StartFacts facts, Instant now) {
        return facts.product().policies().stageFirst().stream()
                .filter(rule -> rule.releases().covers(facts.to().toString()))
                .filter(rule -> !rule.in().contains(facts.tenant().site().environment()))
                .flatMap(rule -> unstaged(rule, facts, now).stream())
                .max(Comparator.comparing(blocker -> blocker.until().orElse(Instant.MAX)));
    }

    private static Optional<Blocker> unstaged(Policies.StageFirst rule, StartFacts facts, Instant now) {
        List<Surroundings.Sibling> stages = facts.around().siblings().stream()
                .filter(s -> rule.in().contains(s.environment()))
                .toList();
        if (stages.isEmpty()) {
            return rule.always()
                    ? blocked(
                            "stagedFirst",
                            "account " + facts.tenant().account() + " has no tenant where " + facts.to()
                                    + " could run first")
                    : Optional.empty();
        }
        if (stages.stream().anyMatch(s -> hasRun(s, rule, now))) {
            return Optional.empty();
        }
        String fact = facts.to() + " must have run for " + rule.runFor() + " at "
                + String.join(
                        " or ",
                        stages.stream().map(s -> s.id().value()).sorted().toList());
        return stages.stream()
                .flatMap(s -> s.runsSince().stream())
                .min(Comparator.naturalOrder())
                .map(since ->
                        until("stagedFirst", fact + ", where it has run since " + since, since.plus(rule.runFor())))
                .orElseGet(() -> blocked("stagedFirst", fact));
    }

    private static boolean hasRun(Surroundings.Sibling stage, Policies.StageFirst rule, Instant now) {
        return stage.ranFor().compareTo(rule.runFor()) >= 0
                || stage.runsSince()
                        .filter(since -> !now.isBefore(since.plus(rule.runFor())))
                        .isPresent();
    }
}
