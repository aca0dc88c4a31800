package dev.upkeep.access.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.cli.Grant;
import dev.upkeep.cli.LocalKey;
import io.smallrye.jwt.KeyFormat;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line signs, a service can check. */
class LocalKeyTest {
    /** Of so many keys, some have coordinates that begin with a zero. */
    private static final int KEYS = 300;

    @TempDir
    Path directory;

    @Test
    void aServiceTakesWhatAnyKeyOfTheCommandLineSigns() throws Exception {
        for (int i = 0; i < KEYS; i++) {
            LocalKey key = LocalKey.at(directory.resolve("state-" + i));
            String token = key.sign(
                    new Grant("eve", List.of("customer"), Optional.of("acme"), Duration.ofMinutes(5)), Instant.now());

            // SmallRye takes a coordinate that was cut short; RFC 7518 does not, nor do others who may read it.
            assertThat(key.jwks()).containsPattern("\"x\":\"[\\w-]{43}\"").containsPattern("\"y\":\"[\\w-]{43}\"");
            JsonWebToken seen = new DefaultJWTParser(trusting(key)).parse(token);

            assertThat(seen.getName()).isEqualTo("eve");
            assertThat(seen.getGroups()).containsExactly("customer");
            assertThat(seen.<String>getClaim("account")).isEqualTo("acme");
        }
    }

    private static JWTAuthContextInfo trusting(LocalKey key) {
        JWTAuthContextInfo trust = new JWTAuthContextInfo();
        trust.setPublicKeyContent(key.jwks());
        trust.setKeyFormat(KeyFormat.JWK);
        trust.setSignatureAlgorithm(Set.of(SignatureAlgorithm.RS256, SignatureAlgorithm.ES256));
        trust.setIssuedBy("upkeep");
        trust.setExpectedAudience(Set.of("upkeep"));
        return trust;
    }
}
