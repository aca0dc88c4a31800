package dev.upkeep.access.intake;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** Looks, before a service answers anybody, whether it was told of keys that tokens can be checked with. */
class Keys {
    static final String LOCATION = "mp.jwt.verify.publickey.location";
    private static final String FIX =
            "; set MP_JWT_VERIFY_PUBLICKEY_LOCATION to the https URL of a JWKS, or to the file:"
                    + " of one (docs/how-to/sign-people-in.md)";
    private static final String FILE = "file:";
    private static final Pattern LOOPBACK = Pattern.compile("http://(127\\.0\\.0\\.1|localhost|\\[::1])[:/]");

    private final Optional<String> location;

    Keys(@ConfigProperty(name = LOCATION) Optional<String> location) {
        this.location = location;
    }

    void look(@Observes StartupEvent starting) {
        check(location);
    }

    /** Throws if tokens can't be checked, or only with keys that somebody on the way could have put there. */
    static void check(Optional<String> location) {
        if (location.isEmpty() || location.get().isBlank()) {
            throw new IllegalStateException("nothing says where the keys are that tokens are checked with" + FIX);
        }
        String place = location.get();
        if (place.startsWith(FILE)) {
            // As it stands after the colon: that is how it will be read, so a %20 is no blank.
            checkFile(Path.of(place.substring(FILE.length())));
        } else if (!place.startsWith("https://") && !LOOPBACK.matcher(place).lookingAt()) {
            throw new IllegalStateException("'" + place
                    + "' is no place for keys: who fetches them over plain http from another machine gets anybody's"
                    + FIX);
        }
    }

    private static void checkFile(Path file) {
        List<JsonWebKey> keys;
        try {
            keys = new JsonWebKeySet(Files.readString(file)).getJsonWebKeys();
        } catch (IOException | JoseException unreadable) {
            throw new IllegalStateException(file + " is no JWKS that can be read" + FIX, unreadable);
        }
        if (keys.isEmpty()) {
            throw new IllegalStateException(file + " has no keys" + FIX);
        }
        if (keys.stream().anyMatch(Keys::isPrivate)) {
            throw new IllegalStateException(
                    file + " has a private or shared key; a service gets public keys only" + FIX);
        }
    }

    private static boolean isPrivate(JsonWebKey key) {
        return !(key instanceof PublicJsonWebKey pair) || pair.getPrivateKey() != null;
    }
}
