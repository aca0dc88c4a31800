package dev.upkeep.access.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.testing.TestKey;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A service whose keys are at an OpenID provider. */
@QuarkusTest
@WithTestResource(Provider.class)
class ProviderTest {
    private static final String THINGS = "/v1/things";
    /** Keys this young are not fetched again; no provider changes them faster than that. */
    private static final Duration REPRIEVE = Duration.ofMillis(400);

    @TestHTTPResource
    URI root;

    @ConfigProperty(name = Keys.LOCATION)
    URI keys;

    @Test
    void fetchesTheKeysAndFetchesThemAgainWhenOneIsNew() {
        Client client = new Client(root);
        TestKey first = TestKey.fresh("2026-01");
        TestKey second = TestKey.fresh("2026-02");
        TestKey third = TestKey.fresh("2026-03");

        // Given a provider that is away: that is no fault of the token
        Client.Answer away = client.get(THINGS, token(first));
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.said("/type")).isEqualTo("urn:upkeep:problem:keys-away");

        // When it is back, its key counts, and its own name for roles
        client.put(keys, first.jwks());
        assertThat(client.get(THINGS, token(first)).body()).isEqualTo("read by ada");
        assertThat(client.put(THINGS, token(first)).status()).isEqualTo(403);

        // When it signs with a new key, that is fetched, and the old one no longer counts
        client.put(keys, second.jwks());
        await().pollDelay(REPRIEVE).until(() -> true);
        assertThat(client.get(THINGS, token(second)).status()).isEqualTo(200);
        assertThat(client.get(THINGS, token(first)).status()).isEqualTo(401);

        // Then somebody who makes up key ids has the provider asked no more than once a minute
        String asked = client.get(keys.resolve("/asked").toString()).body();
        for (int i = 0; i < 20; i++) {
            assertThat(client.get(THINGS, token(third)).status()).isEqualTo(401);
        }
        assertThat(client.get(keys.resolve("/asked").toString()).body()).isEqualTo(asked);

        // Then a token of another issuer or for another audience is refused, however well it is signed
        assertThat(client.get(THINGS, Tokens.sign(second, Tokens.claims("ada", "viewer")))
                        .said("/errors/0/detail"))
                .contains("issuer");
        assertThat(client.get(
                                THINGS,
                                Tokens.sign(
                                        second,
                                        Tokens.claims("ada", "viewer").issuer("https://id.example.com/realms/ops")))
                        .said("/errors/0/detail"))
                .contains("audience");
    }

    private static String token(TestKey key) {
        return Tokens.sign(
                key,
                Tokens.claims("ada")
                        .issuer("https://id.example.com/realms/ops")
                        .audience("upkeep-production")
                        .claim("realm_access", Map.of("roles", List.of("viewer", "offline_access"))));
    }
}
