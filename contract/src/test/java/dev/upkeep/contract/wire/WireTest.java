package dev.upkeep.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.ParkedEvent.KeyParked;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final TenantId TENANT = new TenantId("acme");
    private static final UpgradeId UPGRADE = new UpgradeId("u-1");
    private static final StepId STEP = new StepId("u-1.09-start-app");
    private static final Token TOKEN = new Token(17);

    private static final StepRequested STEP_REQUESTED = new StepRequested(
            TENANT,
            UPGRADE,
            STEP,
            1,
            TOKEN,
            new Action.Start(Version.of("1.1.0"), Action.Moment.AFTER),
            new ProductName("sample"),
            Version.of("1.0.0"),
            Version.of("1.1.0"),
            new Target(
                    new ComponentName("app"),
                    new DriverName("process"),
                    Map.of("port", "8080"),
                    Map.of("1.1.0", new Artifact("file:///x.jar", new Digest("sha256:" + "a".repeat(64))))),
            Map.of(),
            List.of(new Migration("2", true, true)),
            Map.of("schema.after", "sf1:x"),
            Duration.ofSeconds(60));

    private static final BakeRequested BAKE_REQUESTED = new BakeRequested(
            TENANT,
            UPGRADE,
            STEP,
            1,
            TOKEN,
            Purpose.OPEN,
            Duration.ofSeconds(8),
            Duration.ofMillis(500),
            List.of(new Probe.HttpStatus("health", "http://127.0.0.1:1/healthz", 200)),
            List.of(new Watch(
                    "error-ratio",
                    "http://127.0.0.1:1/metrics",
                    new Watch.Selection("requests_total", Map.of("outcome", "error")),
                    new Watch.Selection("requests_total", Map.of()),
                    20,
                    Optional.of(0.05),
                    Optional.empty(),
                    0)),
            Optional.of(new StepId("u-1.02-baseline")));

    @Test
    void readsBackWhatItWrote() throws Exception {
        for (Event event : List.of(
                STEP_REQUESTED,
                BAKE_REQUESTED,
                new VerdictReached(
                        TENANT,
                        UPGRADE,
                        STEP,
                        1,
                        TOKEN,
                        new Verdict.Rollback(List.of(new Verdict.Finding("a", "b", "c")), List.of()),
                        Duration.ofSeconds(8)),
                new KeyParked("planner", "upkeep.results", "acme", "upkeep.results-0@7", "unreadable"))) {
            Envelope written =
                    new Envelope(new EventId("e-1"), "planner", Instant.parse("2026-01-02T03:04:05.678Z"), event);

            Envelope read = Wire.read(Wire.headers(written), Wire.body(event));

            assertThat(read).isEqualTo(written);
        }
    }

    @Test
    void writesIdentitiesAsBareTextAndFamiliesByKind() {
        String body = Wire.text(Wire.body(STEP_REQUESTED));

        assertThat(body)
                .contains("\"tenant\":\"acme\"")
                .contains("\"token\":17")
                .contains("\"action\":{\"kind\":\"start\",\"version\":\"1.1.0\",\"schema\":\"AFTER\"}")
                .doesNotContain("\"topic\"")
                .doesNotContain("\"word\"");
    }

    @Test
    void writesWhatAMigrationPromisesOnlyWhereItPromisesSomethingAndReadsWhatWasWrittenBefore() throws Exception {
        Migration plain = new Migration("2", true, true);
        Migration promising = new Migration("3", false, false, Set.of(Migration.Trait.REPEATABLE));

        assertThat(Wire.json().writeValueAsString(plain))
                .isEqualTo("{\"id\":\"2\",\"reversible\":true,\"transactional\":true}");
        for (Migration migration : List.of(plain, promising)) {
            assertThat(Wire.json().readValue(Wire.json().writeValueAsString(migration), Migration.class))
                    .isEqualTo(migration);
        }
    }

    @Test
    void refusesATypeItDoesNotKnow() {
        Map<String, String> headers = headersOfAStep();
        headers.put("ce_type", "dev.upkeep.step-wished.v1");

        assertThatThrownBy(() -> Wire.read(headers, Wire.body(STEP_REQUESTED)))
                .isInstanceOf(Wire.Unreadable.class)
                .hasMessageContaining("ce_type")
                .hasMessageContaining("step-wished");
    }

    @Test
    void refusesAnActionItDoesNotKnow() {
        byte[] body = Wire.text(Wire.body(STEP_REQUESTED))
                .replace("\"kind\":\"start\"", "\"kind\":\"format-disk\"")
                .getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> Wire.read(headersOfAStep(), body))
                .isInstanceOf(Wire.Unreadable.class)
                .hasMessageContaining("format-disk");
    }

    @Test
    void refusesABodyThatIsNoJsonOrLacksAMember() {
        assertThatThrownBy(() -> Wire.read(headersOfAStep(), "poison".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Wire.Unreadable.class);
        assertThatThrownBy(() -> Wire.read(headersOfAStep(), "{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Wire.Unreadable.class);
    }

    @Test
    void readsABodyWithMembersOfALaterMinor() throws Exception {
        byte[] body = Wire.text(Wire.body(STEP_REQUESTED))
                .replaceFirst("\\{", "{\"later\":true,")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(Wire.read(headersOfAStep(), body).event()).isEqualTo(STEP_REQUESTED);
    }

    private static Map<String, String> headersOfAStep() {
        return new HashMap<>(Wire.headers(new Envelope(new EventId("e-1"), "planner", Instant.EPOCH, STEP_REQUESTED)));
    }
}
