package dev.upkeep.executor.run;

import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.secrets.References;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;

/** Gives drivers what they need of the machine and the configuration. */
@Singleton
class Surroundings {
    @Produces
    @Singleton
    Places places(Settings settings) {
        return new Places(
                settings.backups().toAbsolutePath(),
                settings.reports().toAbsolutePath(),
                settings.pgBin(),
                searchPath(),
                settings.scratch()
                        .url()
                        .map(url -> new Places.Scratch(
                                url,
                                settings.scratch().user(),
                                settings.scratch().password().orElse(""))),
                settings.backupKeys().orElse(List.of()));
    }

    @Produces
    @Singleton
    Programs programs() {
        return new LocalPrograms(searchPath());
    }

    @Produces
    @Singleton
    Secrets secrets() {
        return new Secrets(References.of(
                System.getenv(), name -> ConfigProvider.getConfig().getOptionalValue(name, String.class)));
    }

    private static List<Path> searchPath() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/local/bin:/usr/bin:/bin");
        return Stream.of(path.split(File.pathSeparator))
                .filter(directory -> !directory.isBlank())
                .map(Path::of)
                .toList();
    }
}
