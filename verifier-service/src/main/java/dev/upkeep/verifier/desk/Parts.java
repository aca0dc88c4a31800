package dev.upkeep.verifier.desk;

import dev.upkeep.secrets.References;
import dev.upkeep.verifier.probe.Eyes;
import dev.upkeep.verifier.probe.TenantEyes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import java.time.Duration;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the container can't make by itself. */
@ApplicationScoped
class Parts {
    @Produces
    @ApplicationScoped
    Eyes eyes(@ConfigProperty(name = "upkeep.verifier.look-timeout") Duration timeout) {
        return new TenantEyes(
                timeout,
                References.of(
                        System.getenv(), name -> ConfigProvider.getConfig().getOptionalValue(name, String.class)));
    }

    void close(@Disposes Eyes eyes) {
        eyes.close();
    }
}
