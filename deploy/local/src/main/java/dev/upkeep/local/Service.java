package dev.upkeep.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The four services, each a process with a database of its own. */
public enum Service {
    PLANNER,
    EXECUTOR,
    VERIFIER,
    NOTIFIER;

    /** Its name in endpoints, logs and databases. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its built program below the project's folder. */
    Path jar(Path home) {
        Path jar = home.resolve(word() + "-service/target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(jar)) {
            throw new LocalFailure("the " + word() + " is not built: " + jar + " is missing", "run ./upkeep build");
        }
        return jar;
    }
}
