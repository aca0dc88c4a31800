package dev.upkeep.executor.desk;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.core.Admission;
import dev.upkeep.executor.run.Drivers;
import dev.upkeep.executor.store.StepRuns;
import dev.upkeep.messaging.Handler;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Takes requested steps in: keeps those that may be carried out, answers the others. */
@ApplicationScoped
public class Reception implements Handler {
    private final StepRuns runs;
    private final Drivers drivers;

    Reception(StepRuns runs, Drivers drivers) {
        this.runs = runs;
        this.drivers = drivers;
    }

    @Override
    public Uni<Void> handle(Mutiny.Session session, List<Envelope> fresh) {
        List<StepRequested> batch = fresh.stream()
                .map(Envelope::event)
                .filter(StepRequested.class::isInstance)
                .map(StepRequested.class::cast)
                .toList();
        if (batch.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Set<TenantId> tenants = batch.stream().map(StepRequested::tenant).collect(Collectors.toSet());
        return runs.highest(session, tenants)
                .map(highest -> Admission.of(batch, highest, drivers.actions()))
                .chain(admission -> runs.admit(session, admission));
    }
}
