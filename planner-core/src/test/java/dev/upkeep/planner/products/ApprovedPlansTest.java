package dev.upkeep.planner.products;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is planned for each product, model and bump, compared with pages that were read against the product's own text.
 *
 * <p>A page is written anew with {@code -Dupkeep.plans.write=true}, and then read again before it is kept.
 */
class ApprovedPlansTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                // Docker Compose; stop, pull, migrate, start; the API alone
                "aisoc acme-soc 7.2.0 7.3.0",
                "aisoc acme-soc 7.3.0 7.3.1",
                "aisoc acme-soc 7.3.1 7.4.0",
                "aisoc old-soc 6.9.0 7.0.0",
                "aisoc acme-soc 7.2.0 7.4.0",
                // The same on Kubernetes
                "aisoc globex-soc 7.3.0 7.3.1",
                // Rolling while migrations only add; scale to zero, Job, scale up otherwise; migrating on start
                "ampora acme-prod 1.4.2 1.4.3",
                "ampora acme-prod 1.4.2 1.5.0",
                "ampora globex-prod 1.4.2 1.5.0",
                "ampora acme-prod 1.5.0 1.6.0",
                "ampora globex-prod 1.5.0 1.6.0",
                "ampora acme-prod 1.6.0 2.0.0",
                // Pull, stop, start, which migrates
                "assessors-studio acme-studio 2.3.0 2.3.1",
                "assessors-studio acme-studio 2.3.1 2.4.0",
                "assessors-studio acme-studio 2.4.0 2.5.0",
                "assessors-studio acme-studio 2.5.0 3.0.0",
                "assessors-studio acme-studio-staging 2.3.0 2.3.1",
                // PostgreSQL by plans of its own
                "assessors-studio-postgresql acme-studio-postgresql 16.4.0 16.6.0",
                "assessors-studio-postgresql acme-studio-postgresql 16.6.0 17.2.0",
                "aegis-postgresql lab-aegis-postgresql 15.8.0 15.10.0",
                "aegis-postgresql lab-aegis-postgresql 15.10.0 16.4.0",
                // Run for customers
                "sensei acme-saas 1.2.0 1.2.1",
                "sensei acme-saas 1.2.1 1.3.0",
                "sensei acme-saas 1.3.0 1.4.0",
                "sensei acme-saas 1.5.0 2.0.0",
                // Hybrid: our control plane, their data plane
                "sensei globex-control 1.2.1 1.3.0",
                "sensei globex-control 1.5.0 2.0.0 data-plane=1.5.0",
                "sensei globex-data 1.2.0 1.2.1",
                "sensei globex-data 1.2.1 1.3.0 control-plane=1.3.0",
                "sensei globex-data 1.5.0 2.0.0 control-plane=2.0.0",
                "sensei globex-data 1.5.0 2.0.0 control-plane=1.5.0",
                // Self-hosted with Helm
                "sensei initech 1.2.0 1.2.1",
                "sensei initech 1.3.0 1.4.0",
                "sensei initech 1.4.0 1.5.0",
                "sensei initech 1.5.0 2.0.0",
                "sensei umbrella 1.3.0 1.4.0",
                // Air-gapped
                "sensei bunker 1.2.0 1.2.1",
                "sensei bunker 1.3.0 1.4.0",
                "sensei bunker 1.5.0 2.0.0",
                // Pod by pod; teardown
                "aegis lab-aegis 0.8.0 0.8.1",
                "aegis lab-aegis 0.8.1 0.9.0",
                "aegis lab-aegis 0.9.0 0.10.0",
                "aegis lab-aegis 0.10.0 1.0.0"
            })
    void isPlannedAsItsPageSays(String text) throws IOException {
        Case planned = Case.of(text);
        String found = PlanText.of(planned);
        if (Boolean.getBoolean("upkeep.plans.write")) {
            Files.createDirectories(Objects.requireNonNull(planned.approved().getParent()));
            Files.writeString(planned.approved(), found);
        }

        assertThat(found).isEqualTo(Files.readString(planned.approved()));
    }

    @Test
    void coversEveryModelAndBumpThatAnyDescriptorHasAProcedureFor() {
        List<String> missing = Shelf.products().stream()
                .filter(name ->
                        Files.isDirectory(Path.of("src/test/resources/plans").resolve(name)))
                .flatMap(name -> Shelf.of(name).product().procedures().stream()
                        .flatMap(p -> p.models().stream()
                                .flatMap(m -> p.bumps().stream()
                                        .map(b -> name + " (" + PlanText.word(m) + "), a " + PlanText.word(b))))
                        .distinct()
                        .filter(wanted -> pages(name).noneMatch(page -> covers(page, wanted))))
                .distinct()
                .toList();

        assertThat(missing).isEmpty();
    }

    private static boolean covers(String page, String wanted) {
        String first = page.lines().findFirst().orElseThrow();
        String[] parts = wanted.split(" \\(|\\), ");
        return first.startsWith(parts[0] + " ") && first.contains("(" + parts[1] + ")") && first.endsWith(parts[2]);
    }

    private static Stream<String> pages(String product) {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/plans").resolve(product))) {
            return files
                    .sorted()
                    .map(file -> {
                        try {
                            return Files.readString(file);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
