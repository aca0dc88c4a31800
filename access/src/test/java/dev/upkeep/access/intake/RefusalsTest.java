package dev.upkeep.access.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.testing.TestKey;
import dev.upkeep.testing.Tokens;
import dev.upkeep.testing.TrustedKey;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in where, and what the others are told. */
@QuarkusTest
@WithTestResource(TrustedKey.class)
class RefusalsTest {
    @TestHTTPResource
    URI root;

    private Client client;

    @BeforeEach
    void connect() {
        client = new Client(root);
    }

    @Test
    void letsEachRoleDoWhatIsItsOwn() {
        assertThat(client.get("/v1/things", Tokens.staff("vic", "viewer")).body())
                .isEqualTo("read by vic");
        assertThat(client.put("/v1/things", Tokens.staff("ada", "operator")).body())
                .isEqualTo("changed by ada");
        assertThat(client.get("/v1/things", Tokens.staff("ada", "operator")).status())
                .isEqualTo(200);
        assertThat(client.put("/v1/approvals", Tokens.staff("bob", "approver")).body())
                .isEqualTo("approved by bob");
        assertThat(client.get("/v1/account/things", Tokens.customer("eve", "acme-inc"))
                        .body())
                .isEqualTo("things of acme-inc");
    }

    @Test
    void tellsTheWrongOneWhichRoleItTakes() {
        Client.Answer viewer = client.put("/v1/things", Tokens.staff("vic", "viewer"));

        assertThat(viewer.status()).isEqualTo(403);
        assertThat(viewer.type()).startsWith("application/problem+json");
        assertThat(viewer.challenge()).isEqualTo("Bearer realm=\"upkeep\", error=\"insufficient_scope\"");
        assertThat(viewer.said("/type")).isEqualTo("urn:upkeep:problem:role-missing");
        assertThat(viewer.said("/status")).isEqualTo("403");
        assertThat(viewer.said("/errors/0/detail")).isEqualTo("'vic' may not do this");
        assertThat(viewer.said("/errors/0/fix")).startsWith("it takes the role operator;");
        assertThat(client.put("/v1/approvals", Tokens.staff("ada", "operator")).status())
                .isEqualTo(403);
        assertThat(client.put("/v1/things", Tokens.staff("bob", "approver")).status())
                .isEqualTo(403);
        assertThat(client.get("/v1/account/things", Tokens.everyRole()).status())
                .isEqualTo(403);
        assertThat(client.get("/v1/things", Tokens.staff("nil", "everyone")).status())
                .isEqualTo(403);
    }

    @Test
    void challengesWhoeverHasNoToken() {
        Client.Answer nobody = client.get("/v1/things");

        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.type()).startsWith("application/problem+json");
        assertThat(nobody.challenge()).isEqualTo("Bearer realm=\"upkeep\"");
        assertThat(nobody.said("/type")).isEqualTo("urn:upkeep:problem:token-missing");
        assertThat(nobody.said("/errors/0/pointer")).isEqualTo("/Authorization");
        assertThat(nobody.said("/errors/0/fix")).contains("Authorization: Bearer");
    }

    @Test
    void letsNobodyInWhereNobodySaidWhoMay() {
        assertThat(client.get("/v1/forgotten").status()).isEqualTo(401);
        assertThat(client.get("/v1/forgotten", Tokens.everyRole()).status()).isEqualTo(403);
        assertThat(client.get("/v1/forgotten", Tokens.everyRole()).said("/errors/0/fix"))
                .startsWith("it takes a role that nobody has");
        assertThat(client.get("/v1/forgotten", Tokens.customer("eve", "acme-inc"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void showsACustomerItsOwnAndOfTheRestNotEvenThatItIsThere() {
        String eve = Tokens.customer("eve", "acme-inc");

        Client.Answer own = client.get("/v1/tenants/acme", eve);
        Client.Answer others = client.get("/v1/tenants/other", eve);
        Client.Answer none = client.get("/v1/tenants/none", eve);

        assertThat(own.body()).isEqualTo("tenant acme");
        assertThat(others.status()).isEqualTo(404);
        assertThat(others.said("/type")).isEqualTo("urn:upkeep:problem:not-found");
        assertThat(others.body().replace("other", "none")).isEqualTo(none.body());
        assertThat(others.challenge()).isEqualTo(none.challenge()).isEmpty();
        assertThat(others.type()).isEqualTo(none.type());
    }

    @Test
    void answersACustomerOnAnOperatorsEndpointAsIfTheTenantWereNotThere() {
        String eve = Tokens.customer("eve", "acme-inc");

        Client.Answer others = client.put("/v1/tenants/other", eve);
        Client.Answer none = client.put("/v1/tenants/none", eve);

        assertThat(others.status()).isEqualTo(404);
        assertThat(others.body().replace("other", "none")).isEqualTo(none.body());
        assertThat(client.put("/v1/tenants/acme", eve).status()).isEqualTo(404);
        assertThat(client.put("/v1/things", eve).status()).isEqualTo(403);
    }

    @Test
    void looksAtEverythingThatAPathNames() {
        String eve = Tokens.customer("eve", "acme-inc");

        assertThat(client.get("/v1/tenants/acme/upgrades/u-acme", eve).status()).isEqualTo(200);
        assertThat(client.get("/v1/tenants/acme/upgrades/u-other", eve).status())
                .isEqualTo(404);
        assertThat(client.get("/v1/tenants/other/upgrades/u-acme", eve).status())
                .isEqualTo(404);
    }

    @Test
    void opensNothingToCustomersByARoleTooMany() {
        assertThat(client.get("/v1/accounting", Tokens.customer("eve", "acme-inc"))
                        .status())
                .isEqualTo(403);
        assertThat(client.get("/v1/accounting", Tokens.staff("vic", "viewer")).status())
                .isEqualTo(200);
    }

    @Test
    void saysWhatIsWrongWithAToken() {
        TestKey trusted = TrustedKey.key();
        assertThat(problem(Tokens.sign(
                        trusted,
                        Tokens.claims("ada", "viewer")
                                .issuedAt(Instant.EPOCH)
                                .expiresAt(Instant.EPOCH.plusSeconds(60)))))
                .isEqualTo("token-expired: the token has expired");
        assertThat(problem(Tokens.sign(trusted, Tokens.claims("ada", "viewer").issuer("https://elsewhere"))))
                .isEqualTo("token-invalid: the token's issuer (iss) is not the one that this service trusts");
        assertThat(problem(Tokens.sign(trusted, Tokens.claims("ada", "viewer").audience("somebody-else"))))
                .isEqualTo("token-invalid: the token's audience (aud) is not this service");
        assertThat(problem(Tokens.sign(TestKey.fresh("test"), Tokens.claims("ada", "viewer"))))
                .isEqualTo("token-invalid: the token was not signed with a key that this service trusts");
        assertThat(problem(Tokens.sign(TestKey.fresh("another"), Tokens.claims("ada", "viewer"))))
                .isEqualTo("token-invalid: the token was not signed with a key that this service trusts");
        assertThat(problem("nonsense")).isEqualTo("token-invalid: the token is malformed");
        assertThat(problem(Tokens.staff("eve", "customer")))
                .isEqualTo("token-unclear: the token makes its bearer a customer of no account");
    }

    @Test
    void takesNoTokenThatIsSignedByNobodyOrWithWhatEverybodyKnows() {
        String[] parts = Tokens.staff("ada", "viewer").split("\\.");
        String unsigned = encoded("{\"alg\":\"none\"}") + "." + parts[1] + ".";
        String shared = encoded("{\"alg\":\"HS256\",\"kid\":\"test\"}") + "." + parts[1] + "." + parts[2];

        assertThat(client.get("/v1/things", unsigned).status()).isEqualTo(401);
        assertThat(client.get("/v1/things", shared).status()).isEqualTo(401);
    }

    @Test
    void putsNoTokenIntoALogOrAnAnswer() {
        List<String> tokens = List.of(
                Tokens.everyRole(),
                Tokens.customer("eve", "acme-inc"),
                Tokens.sign(TestKey.fresh("test"), Tokens.claims("ada", "viewer")),
                Tokens.sign(
                        TrustedKey.key(),
                        Tokens.claims("ada", "viewer")
                                .issuedAt(Instant.EPOCH)
                                .expiresAt(Instant.EPOCH.plusSeconds(60))),
                Tokens.staff("eve", "customer"));
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Handler handler = keeping(seen);
        Logger.getLogger("").addHandler(handler);
        try {
            for (String token : tokens) {
                for (String path : List.of("/v1/things", "/v1/tenants/other", "/v1/forgotten", "/v1/nowhere")) {
                    seen.add(client.get(path, token).toString());
                    seen.add(client.put(path, token).toString());
                }
            }
        } finally {
            Logger.getLogger("").removeHandler(handler);
        }

        assertThat(seen).hasSizeGreaterThanOrEqualTo(tokens.size() * 8);
        assertThat(tokens)
                .allSatisfy(token -> assertThat(String.join("\n", seen))
                        .doesNotContain(token)
                        .doesNotContain(token.substring(token.lastIndexOf('.') + 1)));
    }

    private static Handler keeping(List<String> seen) {
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                seen.add(new PatternFormatter("%c %s%e").format(org.jboss.logmanager.ExtLogRecord.wrap(record)));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        handler.setLevel(Level.ALL);
        return handler;
    }

    private String problem(String token) {
        Client.Answer answer = client.get("/v1/things", token);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.challenge()).isEqualTo("Bearer realm=\"upkeep\", error=\"invalid_token\"");
        return answer.said("/type").replace("urn:upkeep:problem:", "") + ": " + answer.said("/errors/0/detail");
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
