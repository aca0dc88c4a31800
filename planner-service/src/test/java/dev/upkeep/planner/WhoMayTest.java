package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.testing.EveryEndpoint;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every endpoint that there is, called by everybody who must not; and what the record says of those who may. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class WhoMayTest {
    private static final String OWN = "walled-own";
    private static final String OTHER = "walled-other";

    @TestHTTPResource
    URI root;

    private Planner planner;
    private EveryEndpoint every;
    private Map<String, String> own;

    /** Two customers with a tenant each, whose upgrades are planned and can't start: 1.0.0 is not published. */
    @BeforeEach
    void register() {
        every = EveryEndpoint.of(root, "planner", Path.of("../docs/reference/roles.md"));
        planner = new Planner(root.toString(), Tokens.staff("ada", "operator"));
        if (planner.get("/v1/tenants/" + OWN + "/upgrade").status() == 404) {
            planner.ok(planner.put("/v1/products/walled", Planner.descriptor("walled")));
            planner.ok(planner.put("/v1/products/walled/releases/1.1.0", Planner.release("walled", "1.1.0", true)));
            planner.ok(planner.put("/v1/tenants/" + OWN, Planner.tenant(OWN, "walled", "staging")));
            planner.ok(planner.put("/v1/tenants/" + OTHER, Planner.tenant(OTHER, "walled", "staging")));
            planner.startRollout("walled", "1.1.0");
        }
        JsonNode upgrade = planner.get("/v1/tenants/" + OWN + "/upgrade").body();
        own = Map.of(
                "tenant",
                OWN,
                "account",
                OWN + "-inc",
                "upgrade",
                upgrade.get("id").asText(),
                "rollout",
                upgrade.get("rollout").asText(),
                "product",
                "walled");
    }

    @Test
    void nobodyGetsInWithoutAToken() {
        assertThat(every.count()).isGreaterThan(20);
        assertThat(every.openToNobody()).isEmpty();
    }

    @Test
    void aViewerChangesNothing() {
        assertThat(every.changedByAViewer()).isEmpty();
    }

    @Test
    void anotherCustomerDoesNotEvenLearnThatItIsThere() {
        assertThat(every.seenByAnotherCustomer(own, OWN)).isEmpty();
    }

    @Test
    void everyRoleMayWhatTheTableSaysAndNothingElse() {
        assertThat(every.otherThanTheTableSays(own, OWN + "-inc")).isEmpty();
    }

    @Test
    void healthFiguresAndTheDocumentStayOpen() {
        assertThat(every.closedToEverybody()).isEmpty();
    }

    @Test
    void aCustomerSeesItsOwnWithoutWhatIsBehindIt() {
        Planner customer = new Planner(root.toString(), Tokens.customer("eve", OWN + "-inc"));

        JsonNode tenant = customer.get("/v1/tenants/" + OWN).body();
        JsonNode upgrade = customer.get("/v1/tenants/" + OWN + "/upgrade").body();
        JsonNode same = customer.get("/v1/upgrades/" + own.get("upgrade")).body();

        assertThat(tenant.get("version").asText()).isEqualTo("1.0.0");
        assertThat(tenant.at("/components/database").isObject()).isTrue();
        assertThat(tenant.toString()).doesNotContain("settings").doesNotContain("jdbc:");
        assertThat(upgrade.get("state").asText()).isEqualTo("waiting");
        assertThat(upgrade.has("facts") || upgrade.has("runs") || upgrade.has("timeline"))
                .isFalse();
        assertThat(same).isEqualTo(upgrade);
        assertThat(customer.get("/v1/tenants/" + OWN + "/why").body().get("blockers"))
                .isNotEmpty();
        assertThat(planner.get("/v1/tenants/" + OWN).body().toString()).contains("jdbc:");
    }

    @Test
    void theRecordNamesWhoeverTheTokenNames() {
        String tenant = "walled-named";
        planner.ok(planner.put("/v1/tenants/" + tenant, Planner.tenant(tenant, "walled", "general")));
        Planner bob = new Planner(root.toString(), Tokens.staff("bob@example.com", "operator"));
        bob.ok(bob.put("/v1/tenants/" + tenant, Planner.tenant(tenant, "walled", "canary")));
        planner.ok(planner.put("/v1/products/named", Planner.descriptor("named")));
        planner.ok(planner.put("/v1/products/named/releases/1.0.0", Planner.release("named", "1.0.0", true)));
        String rollout = bob.startRollout("named", "1.0.0");
        planner.post("/v1/rollouts/" + rollout + "/pause", "");

        assertThat(timeline())
                .contains("registered with walled 1.0.0 by ada")
                .contains("its document was changed by bob@example.com")
                .contains("named 1.0.0 goes out to 0 tenants, started by bob@example.com");
    }

    /** All of it, page after page: other tests write to it too. */
    private String timeline() {
        StringBuilder entries = new StringBuilder();
        JsonNode page;
        String after = "";
        do {
            page = planner.get("/v1/timeline?limit=500" + after).body();
            entries.append(page.get("entries"));
            after = "&after=" + page.get("next").asText();
        } while (!page.get("entries").isEmpty());
        return entries.toString();
    }

    @Test
    void nobodySpeaksInAnothersName() {
        Planner.Answer answer =
                planner.post("/v1/rollouts/" + own.get("rollout") + "/pause", "{\"by\": \"somebody else\"}");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body().at("/errors/0/pointer").asText()).isEqualTo("/by");
        assertThat(answer.body().at("/errors/0/fix").asText()).contains("whoever the token names");
        assertThat(planner.post(
                                "/v1/upgrades/" + own.get("upgrade") + "/resolution",
                                "{\"way\": \"retry\", \"by\": \"somebody else\"}")
                        .status())
                .isEqualTo(422);
    }
}
