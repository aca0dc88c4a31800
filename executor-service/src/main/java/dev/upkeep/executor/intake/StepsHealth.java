package dev.upkeep.executor.intake;

import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.run.Runner;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while steps can be claimed and ended, and the programs that drivers need are there. */
@Readiness
@ApplicationScoped
class StepsHealth implements HealthCheck {
    private static final List<String> TOOLS = List.of("pg_dump", "pg_restore");

    private final Runner runner;
    private final Places places;
    private final MeterRegistry registry;

    StepsHealth(Runner runner, Places places, MeterRegistry registry) {
        this.runner = runner;
        this.places = places;
        this.registry = registry;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("steps").up();
        String trouble = runner.trouble();
        if (trouble != null) {
            response.down().withData("trouble", trouble);
        }
        registry.find("kafka.consumer.fetch.manager.records.lag.max").gauges().stream()
                .mapToDouble(Gauge::value)
                .filter(Double::isFinite)
                .max()
                .ifPresent(lag -> response.withData("lag-records", Math.round(lag)));
        for (String tool : TOOLS) {
            try {
                response.withData(tool, places.pgTool(tool).toString());
            } catch (Refused missing) {
                response.down()
                        .withData(
                                tool,
                                missing.failed().reason() + ". "
                                        + missing.failed().fix());
            }
        }
        return response.build();
    }
}
