package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Postponing.Granted;
import dev.upkeep.planner.core.Postponing.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How long a customer may postpone: thirty days for a minor, not at all for a patch. */
class PostponingTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final Version V101 = Version.of("1.0.1");

    private final Map<Version, Instant> out = new HashMap<>(Map.of(
            Samples.V100, Instant.parse("2026-01-01T00:00:00Z"),
            Samples.V110, Instant.parse("2026-02-20T09:00:00Z")));
    private List<Version> planned = List.of(Samples.V110);
    private List<Statement.Delay> earlier = List.of();
    private Version installed = Samples.V100;
    private ZoneId zone = ZoneId.of("America/New_York");

    @Test
    void takesADateForTheBeginningOfThatDayInTheAccountsZone() {
        assertThat(until("2026-03-20"))
                .isEqualTo(new Granted(new Statement.Delay(
                        Instant.parse("2026-03-20T04:00:00Z"),
                        Optional.of(Samples.V110),
                        Optional.of(Instant.parse("2026-02-20T09:00:00Z")))));
        zone = ZoneId.of("Asia/Tokyo");
        assertThat(until("2026-03-20"))
                .isInstanceOfSatisfying(
                        Granted.class, g -> assertThat(g.delay().until()).isEqualTo("2026-03-19T15:00:00Z"));
    }

    @Test
    void namesTheLatestDateThatCouldBe() {
        // Thirty days after 20 February 09:00 UTC is 22 March, 05:00 in New York: the 22nd begins before.
        assertThat(until("2026-03-22")).isInstanceOf(Granted.class);
        assertThat(until("2026-03-23")).isInstanceOfSatisfying(Refused.class, r -> {
            assertThat(r.latest()).contains(LocalDate.parse("2026-03-22"));
            assertThat(r.because()).contains("30 days count from 2026-02-20");
        });
        assertThat(until("2026-03-02"))
                .isInstanceOfSatisfying(
                        Refused.class, r -> assertThat(r.because()).contains("has begun"));
    }

    @Test
    void isNotStretchedByANewerReleaseWhileTheOlderIsKeptBack() {
        out.put(Samples.V120, Instant.parse("2026-03-01T00:00:00Z"));
        planned = List.of(Samples.V120);
        assertThat(until("2026-03-30")).as("only the newer one is planned").isInstanceOf(Granted.class);

        earlier = List.of(new Statement.Delay(
                Instant.parse("2026-03-10T00:00:00Z"),
                Optional.of(Samples.V110),
                Optional.of(Instant.parse("2026-02-20T09:00:00Z"))));
        assertThat(until("2026-03-30")).isInstanceOf(Refused.class);

        installed = Samples.V110;
        assertThat(until("2026-03-30")).as("the older one is installed").isInstanceOf(Granted.class);
    }

    @Test
    void countsFromTheOldestThatIsOutWhereNothingIsPlanned() {
        planned = List.of();
        out.put(Samples.V120, Instant.parse("2026-03-01T00:00:00Z"));
        assertThat(until("2026-03-23")).isInstanceOf(Refused.class);

        installed = Samples.V110;
        assertThat(until("2026-03-30")).isInstanceOf(Granted.class);
    }

    @Test
    void mayBeAskedForBeforeAnythingIsOut() {
        planned = List.of();
        installed = Samples.V110;

        assertThat(until("2026-04-01"))
                .isInstanceOfSatisfying(
                        Granted.class, g -> assertThat(g.delay().countedFrom()).isEmpty());
        assertThat(until("2026-04-02")).isInstanceOf(Refused.class);
    }

    @Test
    void postponesNoPatch() {
        out.put(V101, NOW);
        planned = List.of(V101);

        assertThat(until("2026-03-03"))
                .isEqualTo(new Refused("what is out for acme can't be postponed", Optional.empty()));
    }

    @Test
    void countsTheDelayOfNobodyKnewWhatFromWhatItThenMet() {
        Stated early = new Stated(
                "s-1",
                new Statement.Delay(Instant.parse("2026-04-01T00:00:00Z"), Optional.empty(), Optional.empty()),
                "carla",
                "",
                NOW);
        Instant cameOut = NOW.plus(Duration.ofDays(5));

        assertThat(Said.of(List.of(early), Samples.V110, Optional.of(cameOut))
                        .delay()
                        .orElseThrow()
                        .countedFrom())
                .isEqualTo(cameOut);
        assertThat(Said.of(List.of(early), Samples.V110, Optional.of(NOW.minusSeconds(1)))
                        .delay()
                        .orElseThrow()
                        .countedFrom())
                .isEqualTo(NOW);
    }

    @Test
    void takesTheLaterOfTwoDelaysAndAWaiverForItsVersionAlone() {
        Stated first = new Stated(
                "s-1", new Statement.Delay(NOW.plusSeconds(1), Optional.empty(), Optional.of(NOW)), "a", "", NOW);
        Stated second = new Stated(
                "s-2", new Statement.Delay(NOW.plusSeconds(2), Optional.empty(), Optional.of(NOW)), "b", "", NOW);
        Stated waiver = new Stated("s-3", new Statement.Waiver("contactIsReachable", Samples.V110), "c", "", NOW);

        Said said = Said.of(List.of(first, second, waiver), Samples.V110, Optional.empty());

        assertThat(said.delay()).contains(new Said.Delay(NOW.plusSeconds(2), NOW, "b"));
        assertThat(said.waivers()).isEqualTo(Map.of("contactIsReachable", "c"));
        assertThat(Said.of(List.of(waiver), Samples.V120, Optional.empty()).waivers())
                .isEmpty();
    }

    @Test
    void shortensTheSoaksOfASecurityReleaseWhoseBumpMayTakeTheLane() {
        Product plain = Samples.product();
        Policies none = Policies.NONE;
        Product product = new Product(
                plain.name(),
                plain.components(),
                plain.bumps(),
                plain.procedures(),
                plain.probes(),
                plain.metrics(),
                plain.rings(),
                new Policies(
                        none.versioning(),
                        none.breaking(),
                        none.notes(),
                        none.deprecation(),
                        none.support(),
                        none.cadence(),
                        none.skews(),
                        none.acrossMajors(),
                        none.matrix(),
                        none.stageFirst(),
                        new Policies.Expedited(Set.of(Bump.PATCH), Duration.ofSeconds(1), Duration.ZERO, 2)));
        Set<Version> published = Set.of(Samples.V100, V101, Samples.V110);

        assertThat(Lane.rings(product, StartRulesTest.fixing(V101, Optional.empty()), published))
                .extracting(Product.Ring::soak)
                .containsOnly(Duration.ofSeconds(1));
        assertThat(Lane.rings(product, StartRulesTest.fixing(Samples.V110, Optional.empty()), published))
                .isEqualTo(product.rings());
        assertThat(Lane.rings(product, Samples.release(V101), published)).isEqualTo(product.rings());
    }

    private Postponing.Answer until(String date) {
        Product.Meaning minor = new Product.Meaning(
                true,
                Product.Settings.ANY,
                true,
                false,
                Duration.ZERO,
                Duration.ZERO,
                Set.of(),
                Duration.ofDays(30),
                Product.WindowNeed.IF_SET,
                Product.Acknowledge.NOTHING,
                Product.Undo.AS_FOUND);
        Product plain = Samples.product();
        Product product = new Product(
                plain.name(),
                plain.components(),
                Map.of(Bump.PATCH, Samples.meaning(), Bump.MINOR, minor, Bump.MAJOR, minor),
                plain.procedures(),
                plain.probes(),
                plain.metrics(),
                plain.rings(),
                plain.policies());
        Tenant sample = Samples.tenant("acme", "staging", installed);
        Tenant tenant = new Tenant(
                sample.id(),
                sample.account(),
                sample.product(),
                sample.version(),
                sample.model(),
                sample.ring(),
                zone,
                sample.windows(),
                sample.freezes(),
                sample.settings(),
                sample.site());
        return new Postponing(product, tenant, planned, out, earlier).until(LocalDate.parse(date), NOW);
    }
}
