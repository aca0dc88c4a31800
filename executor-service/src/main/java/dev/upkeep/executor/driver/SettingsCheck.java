package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Action.CheckSettings;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What a check of settings comes to, wherever a driver's target keeps them. */
public final class SettingsCheck {
    private SettingsCheck() {}

    /**
     * Fails for what is required and not set, and tells of what is set although nothing reads it any more.
     *
     * @param who needs them, for a person
     * @param fix what to do where one is missing
     * @param isSet whether a required one is set
     * @param isThere whether one that is gone is there still, with a value or without
     */
    public static Outcome of(
            CheckSettings check, String who, String fix, Predicate<String> isSet, Predicate<String> isThere) {
        List<String> missing = check.required().stream().filter(isSet.negate()).toList();
        if (!missing.isEmpty()) {
            return Failed.forGood(
                    Failure.SETTING_MISSING,
                    who + " needs " + String.join(", ", missing) + ", and nothing sets it",
                    fix);
        }
        List<String> stale = check.gone().stream().filter(isThere).toList();
        return new Done(
                stale.isEmpty() ? Map.of() : Map.of(Fact.SETTINGS_STALE, String.join(",", stale)),
                "every setting that it needs is set"
                        + (stale.isEmpty() ? "" : "; nothing reads " + String.join(", ", stale) + " any more"));
    }
}
