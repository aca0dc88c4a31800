package dev.upkeep.notifier.channel;

import dev.upkeep.secrets.References;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.ConfigProvider;

/** The references that channels resolve, with the notifier's own environment and vault. */
@Singleton
class OwnReferences {
    @Produces
    @Singleton
    References references() {
        return References.of(System.getenv(), name -> ConfigProvider.getConfig().getOptionalValue(name, String.class));
    }
}
