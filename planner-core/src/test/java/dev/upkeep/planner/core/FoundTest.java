package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.step.Fact;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The way back that fits what is found, where a tool can take back less than what ran. */
class FoundTest {
    @Test
    void restoresWhereOnlyTheLastMigrationCanBeRevertedAndSeveralRan() {
        // Given
        Plan lastOnly = planWhereSchemaIs(Map.of("reverts", "last"));
        Plan all = planWhereSchemaIs(Map.of());

        // When two ran
        Map<String, String> found = ran("2.0", "2.1");

        // Then
        assertThat(Found.choose(lastOnly, found).route()).isEqualTo(Route.IRREVERSIBLE);
        assertThat(Found.choose(lastOnly, found).because()).contains("only the last migration");
        assertThat(Found.choose(all, found).route()).isEqualTo(Route.REVERSIBLE);
        // And when one ran, it is the last
        assertThat(Found.choose(lastOnly, ran("2.0")).route()).isEqualTo(Route.REVERSIBLE);
    }

    private static Plan planWhereSchemaIs(Map<String, String> settings) {
        Tenant plain = Samples.tenant("acme", "staging", Samples.V100);
        Tenant tenant = new Tenant(
                plain.id(),
                plain.account(),
                plain.product(),
                plain.version(),
                plain.model(),
                plain.ring(),
                plain.zone(),
                List.of(),
                List.of(),
                Map.of(Samples.SCHEMA, settings),
                plain.site());
        return Samples.plan(Planning.plan(Samples.product(), tenant, Samples.releases(true, 2), Samples.V110));
    }

    private static Map<String, String> ran(String... ids) {
        return Map.of(
                Fact.SCHEMA_BEFORE, Samples.fingerprint(List.of()),
                Fact.SCHEMA_AFTER, Samples.fingerprint(List.of("2.0", "2.1")),
                Fact.SCHEMA_FAILED, Samples.fingerprint(List.of(ids)),
                Fact.MIGRATIONS_BEFORE, "1",
                Fact.MIGRATIONS_FAILED, "1," + String.join(",", ids));
    }
}
