package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The verbs by which people say something, against a planner that answers as the real one does. */
final class StatementsTest {
    private static final String SAID = """
            {"id": "s-1", "kind": "notes-read", "says": "has read the notes of 1.1.0", "by": "ada", "at": "2026-03-02T10:00:00Z"}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Planner planner;

    @BeforeEach
    void startPlanner() throws IOException {
        planner = new Planner();
    }

    @AfterEach
    void stopPlanner() {
        planner.close();
    }

    @Test
    void postponesForSomeTenantsAndShowsHowLong() {
        planner.on("POST /v1/account/upgrade-delay", 201, """
                {"items": [{"tenant": "acme", "product": "inkwell", "zone": "Europe/Berlin", "until": "2026-03-20",
                            "latestPossible": "2026-03-22", "by": "carla"}]}""");

        assertThat(upkeep("delay", "set", "2026-03-20", "--tenant", "acme", "--note", "our audit"))
                .as(err.toString())
                .isZero();

        assertThat(sent())
                .isEqualTo(json("{\"until\": \"2026-03-20\", \"tenant\": \"acme\", \"note\": \"our audit\"}"));
        assertThat(planner.requests().getLast().idempotencyKey()).hasSize(36);
        assertThat(out.toString()).isEqualTo("""
                TENANT  PRODUCT  UNTIL       ZONE           LATEST POSSIBLE  BY
                acme    inkwell  2026-03-20  Europe/Berlin  2026-03-22       carla
                """);
    }

    @Test
    void showsTheLatestDatePossibleOfARefusal() {
        planner.on("POST /v1/account/upgrade-delay", 422, """
                {"type": "urn:upkeep:problem:delay-refused", "title": "delay refused", "status": 422,
                 "errors": [{"pointer": "/until", "detail": "30 days count from 2026-02-20",
                             "fix": "the latest date possible is 2026-03-22"}]}""");

        assertThat(upkeep("delay", "set", "2026-12-24")).isEqualTo(3);

        assertThat(err.toString()).contains("the latest date possible is 2026-03-22");
    }

    @Test
    void clearsAndShowsTheDelaysOfAProduct() {
        planner.on("DELETE /v1/account/upgrade-delay?product=inkwell", 200, "{\"items\": []}")
                .on("GET /v1/account/upgrade-delay", 200, "{\"items\": []}");

        assertThat(upkeep("delay", "clear", "--product", "inkwell")).isZero();
        assertThat(upkeep("delay", "show")).isZero();

        assertThat(out.toString()).isEqualTo("no tenants\nno tenants\n");
    }

    @Test
    void saysEachThingWhereItBelongs() {
        planner.on("POST /v1/tenants/acme/acknowledgements", 201, SAID)
                .on("POST /v1/tenants/acme/consents", 201, SAID)
                .on("POST /v1/tenants/acme/requests", 201, SAID)
                .on("POST /v1/tenants/acme/override-requests", 201, SAID)
                .on("POST /v1/tenants/acme/approvals", 201, SAID)
                .on("POST /v1/tenants/acme/waivers", 201, SAID)
                .on("POST /v1/rollouts/r-1/rings/general/approval", 201, SAID)
                .on("POST /v1/account/consents", 201, "{\"items\": [" + SAID + "]}");

        assertThat(upkeep("acknowledge", "notes", "acme", "--version", "1.1.0")).isZero();
        assertThat(sent()).isEqualTo(json("{\"version\": \"1.1.0\", \"what\": \"notes\"}"));
        assertThat(upkeep("acknowledge", "guide", "acme", "--version", "2.0.0")).isZero();
        assertThat(sent()).isEqualTo(json("{\"version\": \"2.0.0\", \"what\": \"guide\"}"));
        assertThat(upkeep("consent", "record", "acme", "--version", "2", "--note", "by mail"))
                .isZero();
        assertThat(sent()).isEqualTo(json("{\"version\": \"2\", \"note\": \"by mail\"}"));
        assertThat(upkeep("consent", "give", "--product", "inkwell", "--version", "2"))
                .isZero();
        assertThat(sent()).isEqualTo(json("{\"product\": \"inkwell\", \"version\": \"2\"}"));
        for (List<String> verb :
                List.of(List.of("consent", "request"), List.of("approve", "request"), List.of("approve", "override"))) {
            assertThat(upkeep(verb.getFirst(), verb.getLast(), "acme", "--version", "1.1.1"))
                    .isZero();
            assertThat(sent()).isEqualTo(json("{\"version\": \"1.1.1\"}"));
        }
        assertThat(upkeep("waive", "contact", "acme", "--version", "1.1.0", "--note", "told by phone"))
                .isZero();
        assertThat(sent())
                .isEqualTo(json(
                        "{\"version\": \"1.1.0\", \"rule\": \"contactIsReachable\", \"note\": \"told by phone\"}"));
        assertThat(upkeep("approve", "ring", "r-1", "general")).isZero();
        assertThat(sent()).isEqualTo(json("{}"));

        assertThat(out.toString().lines()).hasSize(9).allMatch("ada has read the notes of 1.1.0"::equals);
        assertThat(planner.requests())
                .extracting(Planner.Request::line)
                .contains("POST /v1/tenants/acme/approvals", "POST /v1/tenants/acme/override-requests");
    }

    @Test
    void setsListsAndLiftsAFreeze() {
        String freeze = """
                {"id": "f-1", "product": "inkwell", "from": "2026-12-20T00:00:00Z", "to": "2027-01-04T00:00:00Z", "reason": "holidays"}""";
        planner.on("POST /v1/freezes", 201, freeze)
                .on("GET /v1/freezes", 200, "{\"items\": [" + freeze + "]}")
                .on("DELETE /v1/freezes/f-1", 200, freeze);

        assertThat(upkeep(
                        "freeze",
                        "set",
                        "--product",
                        "inkwell",
                        "--from",
                        "2026-12-20T00:00:00Z",
                        "--to",
                        "2027-01-04T00:00:00Z",
                        "--reason",
                        "holidays",
                        "--bumps",
                        "minor,major"))
                .as(err.toString())
                .isZero();
        assertThat(sent().get("bumps")).isEqualTo(json("[\"minor\", \"major\"]"));
        assertThat(upkeep("freeze", "list")).isZero();
        assertThat(upkeep("freeze", "lift", "f-1")).isZero();

        assertThat(out.toString()).isEqualTo("""
                freeze f-1 set
                FREEZE  PRODUCT  ACCOUNT  FROM                  TO                    REASON
                f-1     inkwell           2026-12-20T00:00:00Z  2027-01-04T00:00:00Z  holidays
                freeze f-1 lifted
                """);
    }

    private JsonNode sent() {
        return json(planner.requests().getLast().body());
    }

    private int upkeep(String... args) {
        List<String> line = new ArrayList<>(List.of(args));
        line.addAll(List.of("--planner", planner.url()));
        return Upkeep.execute(new PrintWriter(out), new PrintWriter(err), line.toArray(String[]::new));
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
