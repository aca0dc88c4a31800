package dev.upkeep.executor.driver.gate;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Drain;
import dev.upkeep.contract.step.Action.OpenTraffic;
import dev.upkeep.contract.step.Action.ParkTraffic;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Parks, drains and opens a tenant's traffic. The only setting is {@code admin}, the URL of the gate's admin port; the
 * gate itself refuses lower tokens.
 */
@ApplicationScoped
public class GateDriver implements Driver {
    private static final DriverName NAME = new DriverName("gate");
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final Duration RESERVE = Duration.ofMillis(300);
    private static final int DEFAULT_RETRY_AFTER = 5;

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(ParkTraffic.class, Drain.class, OpenTraffic.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return true;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Admin admin = Admin.of(request, work);
        return switch (request.action()) {
            case ParkTraffic(Duration retryAfter) -> {
                Standing standing = admin.put("parked", wholeSeconds(retryAfter), request.token());
                yield new Done(
                        Map.of(),
                        "traffic is parked with Retry-After " + standing.retryAfter() + " s, " + standing.inFlight()
                                + " still in flight");
            }
            case OpenTraffic() -> {
                admin.put("open", DEFAULT_RETRY_AFTER, request.token());
                yield new Done(Map.of(), "traffic is open");
            }
            case Drain() -> drain(request, admin, work);
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver gate can't " + request.action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Standing standing = Admin.of(request, work).get();
        boolean mine = standing.token() == request.token().value();
        boolean done = switch (request.action()) {
            case ParkTraffic(Duration retryAfter) -> mine && standing.parked();
            case OpenTraffic() -> mine && !standing.parked();
            case Drain() -> mine && standing.parked() && standing.inFlight() == 0;
            default -> false;
        };
        return done
                ? new Look.Done(
                        Map.of(),
                        "found done: traffic is " + standing.state() + ", " + standing.inFlight() + " in flight")
                : new Look.NotDone();
    }

    private static Outcome drain(StepRequested request, Admin admin, Work work) throws InterruptedException {
        Standing standing = admin.get();
        if (!standing.parked() && standing.token() <= request.token().value()) {
            return Failed.forGood(
                    Failure.GATE_REFUSED, "the gate is open: it would never drain", "Park traffic before draining it");
        }
        // The gate keeps its state; this fences the drain as any other order.
        standing = admin.put("parked", standing.retryAfter(), request.token());
        Instant began = work.now();
        while (standing.inFlight() > 0) {
            if (work.left().compareTo(RESERVE) < 0) {
                return Failed.retryable(
                        Failure.NOT_DRAINED,
                        standing.inFlight() + " requests were still in flight at the deadline",
                        "Look at what takes them so long, or raise the deadline of drain");
            }
            work.progress(standing.inFlight() + " in flight");
            work.pause(INTERVAL);
            standing = admin.get();
        }
        return new Done(
                Map.of(), "drained in " + Duration.between(began, work.now()).toMillis() + " ms: none in flight");
    }

    /** The gate knows whole seconds only: rounded up, so that nobody comes back too early. */
    private static int wholeSeconds(Duration span) {
        return (int) Math.max(1, span.plusMillis(999).toSeconds());
    }
}
