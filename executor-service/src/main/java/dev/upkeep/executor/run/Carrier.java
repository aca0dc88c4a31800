package dev.upkeep.executor.run;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What is done with one claim: look first if somebody may have acted on it before, act, and look again if the deadline
 * cut the act short. It never acts again on what can't be told and is not repeatable.
 */
final class Carrier {
    private static final Logger LOG = Logger.getLogger(Carrier.class);

    private Carrier() {}

    /**
     * @param again whether somebody may have acted before
     * @param afterwards gives the work for a look after the deadline
     * @throws InterruptedException when cancelled for another reason than the deadline
     */
    static Outcome carryOut(
            Driver driver, StepRequested request, boolean again, RunningStep work, Supplier<Work> afterwards)
            throws InterruptedException {
        try {
            if (again) {
                switch (lookedAt(driver, request, work)) {
                    case Seen.Ends(Outcome outcome) -> {
                        return outcome;
                    }
                    case Seen.Act() -> {}
                }
            }
            return driver.perform(request, work);
        } catch (Refused e) {
            if (work.cutShort()) {
                return cutShort(driver, request, work, afterwards);
            }
            // The driver may see the deadline a moment before the runner does.
            return e.failed().code() == Failure.DEADLINE_PASSED
                    ? late(driver, request, e.failed(), work, afterwards)
                    : e.failed();
        } catch (InterruptedException | RuntimeException e) {
            if (work.cutShort()) {
                return cutShort(driver, request, work, afterwards);
            }
            if (e instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            return fault(driver, request, (RuntimeException) e, work);
        }
    }

    private static Outcome cutShort(Driver driver, StepRequested request, RunningStep work, Supplier<Work> afterwards)
            throws InterruptedException {
        if (!work.deadlinePassed()) {
            throw new InterruptedException();
        }
        // The interrupt has done its work; the look needs a thread that may block again.
        Thread.interrupted();
        Failed failed = Failed.retryable(
                Failure.DEADLINE_PASSED,
                request.action().word() + " of " + request.target().component() + " was cancelled: it took longer than "
                        + request.deadline() + (work.lastSaid().isEmpty() ? "" : "; last it said: " + work.lastSaid()),
                "Look at why it took so long, or raise the action's deadline in the descriptor");
        return late(driver, request, failed, work, afterwards);
    }

    private static Outcome late(
            Driver driver, StepRequested request, Failed late, RunningStep work, Supplier<Work> afterwards)
            throws InterruptedException {
        try {
            return switch (lookedAfterwards(driver, request, work, afterwards)) {
                case Look.Done(var found, var summary) -> new Done(found, summary);
                case Look.NotDone() -> late;
                case Look.Unknown(String reason) ->
                    driver.repeatable(request) ? late : new Uncertain(late.reason() + "; " + reason);
            };
        } catch (Refused e) {
            return driver.repeatable(request)
                    ? late
                    : new Uncertain(late.reason() + "; " + e.failed().reason());
        }
    }

    private static Look lookedAfterwards(
            Driver driver, StepRequested request, RunningStep work, Supplier<Work> afterwards)
            throws InterruptedException {
        try {
            return driver.look(request, afterwards.get());
        } catch (InterruptedException e) {
            if (!work.deadlinePassed()) {
                throw e;
            }
            // The runner saw the deadline a moment after the driver: its one interrupt was for the act, and met the
            // look.
            return driver.look(request, afterwards.get());
        }
    }

    private static Seen lookedAt(Driver driver, StepRequested request, Work work) throws InterruptedException {
        try {
            return switch (driver.look(request, work)) {
                case Look.Done(var found, var summary) -> new Seen.Ends(new Done(found, summary));
                case Look.NotDone() -> new Seen.Act();
                case Look.Unknown(String reason) ->
                    driver.repeatable(request)
                            ? new Seen.Act()
                            : new Seen.Ends(new Uncertain("an executor ended in the middle of it: " + reason));
            };
        } catch (Refused e) {
            return new Seen.Ends(
                    driver.repeatable(request)
                            ? e.failed()
                            : new Uncertain("an executor ended in the middle of it, and now: "
                                    + e.failed().reason()));
        }
    }

    private static Outcome fault(Driver driver, StepRequested request, RuntimeException e, Work work) {
        LOG.errorf("a driver has a fault: %s", Traced.of(e, work.secrets()));
        String reason = "driver " + driver.name() + " has a fault: " + e;
        return driver.repeatable(request)
                ? Failed.forGood(Failure.DRIVER_FAULT, reason, "Report it with the executor's log")
                : new Uncertain(reason);
    }

    private sealed interface Seen {
        record Act() implements Seen {}

        record Ends(Outcome outcome) implements Seen {}
    }
}
