package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The verbs that look ahead, against a planner that answers as the real one does. */
final class AheadTest {
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
    void showsAPlanWithItsWaysBackAndWhatStandsInTheWay() {
        planner.on("GET /v1/tenants/acme/plan?to=1.1.0", 200, """
                {"tenant": "acme", "from": "1.0.0", "to": "1.1.0", "noWay": [], "earliest": "2026-03-02T03:00:00Z",
                 "hops": [{"from": "1.0.0", "to": "1.1.0", "takes": "PT6M30S", "undoTakes": "PT2H",
                   "plan": {"forward": [{"action": "stop", "component": "app"}, {"action": "start", "component": "app"}],
                            "undo": {"unchanged": [{"action": "stop", "component": "app"}, {"action": "start", "component": "app"}]}},
                   "estimates": [{"takes": "PT30S", "because": "as usual"}, {"takes": "PT6M", "because": "its span"}]}],
                 "blockers": [{"rule": "insideWindow", "until": "2026-03-02T03:00:00Z", "fact": "outside every maintenance window"}],
                 "notes": [{"version": "1.1.0", "lines": ["added: moods"], "triggers": [], "link": ""}]}""");

        assertThat(upkeep("plan", "acme", "--to", "1.1.0")).as(err.toString()).isZero();

        assertThat(out.toString()).isEqualTo("""
                acme: 1.0.0 → 1.1.0

                1.0.0 → 1.1.0 takes about 6m30s, and the longest way back 2h
                STEP  ACTION  COMPONENT  TAKES  BECAUSE
                1     stop    app        30s    as usual
                2     start   app        6m     its span
                back, unchanged: stop app, start app

                IN THE WAY    UNTIL                 FACT
                insideWindow  2026-03-02T03:00:00Z  outside every maintenance window
                at the earliest: 2026-03-02T03:00:00Z
                note of 1.1.0: added: moods
                """);
    }

    @Test
    void exitsWithOneWhereThereIsNoWay() {
        planner.on("GET /v1/tenants/acme/plan", 200, """
                {"tenant": "acme", "from": "1.0.0", "to": "3.0.0", "hops": [], "blockers": [], "notes": [],
                 "noWay": ["release 3.0.0 of inkwell is not published"]}""");

        assertThat(upkeep("plan", "acme")).isEqualTo(1);

        assertThat(out.toString()).contains("there is no way: release 3.0.0 of inkwell is not published");
    }

    @Test
    void printsARunbookAndACalendarAsTheyCame() {
        planner.on("GET /v1/tenants/acme/runbook", 200, "text/markdown", "# Runbook: acme\n")
                .on("GET /v1/products/inkwell/calendar.ics?ahead=P30D", 200, "text/calendar", "BEGIN:VCALENDAR\r\n");

        assertThat(upkeep("plan", "acme", "--runbook")).isZero();
        assertThat(upkeep("calendar", "--product", "inkwell", "--ahead", "P30D", "--ics"))
                .isZero();

        assertThat(out.toString()).isEqualTo("# Runbook: acme\nBEGIN:VCALENDAR\r\n");
        assertThat(upkeep("plan", "nobody", "--runbook")).isEqualTo(5);
        assertThat(err.toString()).contains("nothing is here");
    }

    @Test
    void showsAForecastRingByRing() {
        planner.on("GET /v1/products/inkwell/forecast?version=1.2.0&leave-out=true", 200, """
                {"product": "inkwell", "version": "1.2.0", "from": "2026-03-01T00:00:00Z", "until": "2027-03-02T00:00:00Z",
                 "rings": [{"ring": "general", "tenants": 3, "done": 2, "blocked": 1, "late": 0, "because": "1 is blocked",
                            "opens": "2026-03-01T00:00:00Z", "half": "2026-03-02T00:00:00Z", "most": "2026-03-03T00:00:00Z"}],
                 "blocked": [{"rule": "majorIsConsented", "tenants": 1, "examples": [{"tenant": "acme", "fact": "nobody said yes"}]}]}""");

        assertThat(upkeep("forecast", "inkwell", "1.2.0", "--leave-out"))
                .as(err.toString())
                .isZero();

        assertThat(out.toString())
                .contains(
                        "general  3        2     1        0     2026-03-01T00:00:00Z  2026-03-02T00:00:00Z  2026-03-03T00:00:00Z",
                        "general: 1 is blocked",
                        "majorIsConsented  1        acme     nobody said yes");
    }

    @Test
    void wantsATenantOrAProductForACalendar() {
        assertThat(upkeep("calendar")).isEqualTo(2);
        assertThat(upkeep("calendar", "acme", "--product", "inkwell")).isEqualTo(2);
    }

    @Test
    void tellsWhoDriftedAndWhatToDo() {
        String found = """
                {"tenant": "acme", "product": "inkwell", "recorded": "1.0.0", "found": "1.1.0", "at": "2026-03-01T00:00:00Z", "by": "olga"}""";
        planner.on("GET /v1/drift?product=inkwell", 200, "{\"items\": [" + found + "]}")
                .on("POST /v1/tenants/acme/found", 200, found)
                .on("POST /v1/tenants/acme/adoption", 200, found.replace("1.0.0", "1.1.0"));

        assertThat(upkeep("drift", "list", "--product", "inkwell")).isZero();
        assertThat(upkeep("drift", "report", "acme", "--version", "1.1.0")).isZero();
        assertThat(upkeep("drift", "adopt", "acme")).isZero();

        assertThat(out.toString())
                .contains(
                        "acme    inkwell  1.0.0     1.1.0  2026-03-01T00:00:00Z  olga",
                        "acme runs 1.1.0, and 1.0.0 is recorded: `upkeep drift adopt acme`",
                        "acme is recorded with 1.1.0 now");
        assertThat(planner.requests().get(1).body()).isEqualTo("{\"version\":\"1.1.0\"}");
    }

    private int upkeep(String... args) {
        List<String> line = new ArrayList<>(List.of(args));
        line.addAll(List.of("--planner", planner.url()));
        return Upkeep.execute(new PrintWriter(out), new PrintWriter(err), line.toArray(String[]::new));
    }
}
