package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Turns settings into their values at the moment of use; what it gives must never be logged, stored or sent. */
public final class Secrets {
    private final Map<String, String> environment;

    public Secrets(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * The value that a setting stands for: that of the variable for {@code env:NAME}, the content of the file without
     * its trailing line break for {@code file:/path}, else the setting itself.
     *
     * @throws Refused {@link Failure#SECRET_MISSING} naming the reference if it leads nowhere
     */
    public String resolve(String setting) {
        if (setting.startsWith("env:")) {
            String value = environment.get(setting.substring("env:".length()));
            if (value == null) {
                throw missing(setting, "the executor's environment has no such variable");
            }
            return value;
        }
        if (setting.startsWith("file:")) {
            try {
                return Files.readString(Path.of(setting.substring("file:".length())))
                        .stripTrailing();
            } catch (IOException e) {
                throw missing(setting, "the file can't be read");
            }
        }
        if (setting.startsWith("vault:")) {
            throw missing(setting, "this executor has no vault");
        }
        return setting;
    }

    /** A setting of a component, resolved. */
    public String need(Target target, String key) {
        return find(target, key)
                .orElseThrow(() -> new Refused(Outcome.Failed.forGood(
                        Failure.SETTING_MISSING,
                        "component " + target.component() + " has no setting '" + key + "'",
                        "Set components." + target.component() + ".settings." + key + " of the tenant")));
    }

    /** The same for a setting that may be missing. */
    public Optional<String> find(Target target, String key) {
        return Optional.ofNullable(target.settings().get(key)).map(this::resolve);
    }

    private static Refused missing(String reference, String why) {
        return new Refused(Outcome.Failed.forGood(
                Failure.SECRET_MISSING,
                "secret reference " + reference + ": " + why,
                "Provide it where the executor runs, or change the tenant's setting"));
    }
}
