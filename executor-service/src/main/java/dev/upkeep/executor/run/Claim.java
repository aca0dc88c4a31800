package dev.upkeep.executor.run;

import dev.upkeep.contract.event.StepEvent.StepRequested;

/**
 * A step run that this executor has the lease of.
 *
 * @param claims how often somebody has begun it, this time counted
 * @param superseded whether its tenant has a higher token by now
 */
public record Claim(long id, int claims, StepRequested request, boolean superseded) {
    /** Whether somebody may have acted on it before. */
    boolean again() {
        return claims > 1;
    }
}
