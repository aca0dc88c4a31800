package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an upgrade changes for one customer: of all that is in the releases, what concerns that tenant.
 *
 * @param releases those that are crossed, the newest first, with what may be told of each
 * @param settings what becomes of settings that the tenant sets, or must set
 * @param downtime for how long it will not be served, at most
 */
public record WhatChanges(Version from, Version to, List<Told> releases, List<String> settings, Duration downtime) {
    public WhatChanges {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        releases = List.copyOf(releases);
        settings = List.copyOf(settings);
        Objects.requireNonNull(downtime, "downtime");
    }

    /** What may be told of one release. */
    public record Told(Version version, List<String> notes, Optional<String> guide) {
        public Told {
            Objects.requireNonNull(version, "version");
            notes = List.copyOf(notes);
            Objects.requireNonNull(guide, "guide");
        }
    }

    /** What may be told now. */
    public static WhatChanges of(StartFacts facts, Instant now) {
        Stretch stretch = facts.stretch();
        SettingChanges settings = SettingChanges.of(facts.product(), facts.tenant(), stretch.releases());
        return new WhatChanges(
                stretch.from(),
                stretch.to(),
                stretch.releases().reversed().stream()
                        .map(release -> new Told(release.version(), release.told(now), release.guide()))
                        .toList(),
                Stream.concat(
                                settings.missing().stream().map(name -> "to be set: " + name),
                                settings.notable().stream())
                        .toList(),
                facts.procedure().map(Product.Procedure::downtime).orElse(Duration.ZERO));
    }
}
