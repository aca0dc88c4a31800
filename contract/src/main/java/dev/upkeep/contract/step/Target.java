package dev.upkeep.contract.step;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import java.util.Map;
import java.util.Objects;

/**
 * One component of one tenant as a driver needs to know it.
 *
 * @param settings the driver's keys; a secret is never here, only a reference to it ({@code env:}, {@code file:})
 * @param artifacts by version, for the versions the hop is between
 */
public record Target(
        ComponentName component, DriverName driver, Map<String, String> settings, Map<String, Artifact> artifacts) {
    public Target {
        Objects.requireNonNull(component, "component");
        Objects.requireNonNull(driver, "driver");
        settings = Map.copyOf(settings);
        artifacts = Map.copyOf(artifacts);
    }
}
