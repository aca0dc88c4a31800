package dev.upkeep.verifier.desk;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.messaging.LogKeys;
import dev.upkeep.messaging.Outbox;
import dev.upkeep.verifier.core.Bake;
import dev.upkeep.verifier.core.Course;
import dev.upkeep.verifier.core.Reading;
import dev.upkeep.verifier.store.Bakes;
import dev.upkeep.verifier.store.Observations;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Where bakes are taken in and judged: what was seen, the verdict and the telling of it are saved in one transaction.
 *
 * <p>Failure: a look whose transaction fails was not taken; the bake is looked at again when its lease has run out.
 */
@ApplicationScoped
public class Bench {
    private static final Logger LOG = Logger.getLogger(Bench.class);
    private static final String SOURCE = "verifier";

    private final Bakes bakes;
    private final Observations observations;
    private final Outbox outbox;
    private final MeterRegistry meters;

    Bench(Bakes bakes, Observations observations, Outbox outbox, MeterRegistry meters) {
        this.bakes = bakes;
        this.observations = observations;
        this.outbox = outbox;
        this.meters = meters;
    }

    /** Takes in what the planner asks for. */
    public Uni<Void> ask(Mutiny.Session session, List<BakeRequested> asked) {
        return bakes.ask(session, asked);
    }

    /** Adds a look to its bake, and judges if it was the last one; nothing if the lease it was taken under is lost. */
    Uni<Void> looked(Mutiny.Session session, BakeRequested asked, String owner, List<Reading> readings, Instant at) {
        return bakes.mine(session, asked, owner)
                .chain(mine -> mine.map(bake -> add(session, bake, readings, at))
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }

    private Uni<Void> add(Mutiny.Session session, Bake before, List<Reading> readings, Instant at) {
        Bake bake = before.looked(readings, at);
        Uni<Integer> kept = observations.keep(session, observed(bake.asked(), readings, at));
        return switch (bake.course(at)) {
            case Course.LookAgain() ->
                kept.chain(() -> bakes.keep(session, bake, at.plus(bake.asked().interval())));
            case Course.Judged(Verdict verdict) ->
                kept.chain(() -> bakes.judge(session, bake, verdict))
                        .chain(() -> outbox.say(session, List.of(tell(bake, verdict, at))));
        };
    }

    private Envelope tell(Bake bake, Verdict verdict, Instant at) {
        BakeRequested asked = bake.asked();
        String word = verdict.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        LogKeys.of("tenant", asked.tenant(), "upgrade", asked.upgrade(), "step", asked.step(), "verdict", word)
                .log(() -> LOG.info("judged"));
        meters.counter("upkeep_verdicts_reached", "purpose", asked.purpose().name(), "verdict", word)
                .increment();
        return new Envelope(
                new EventId(asked.upgrade().value() + ":" + asked.step().value() + ":" + asked.attempt() + ":verdict"),
                SOURCE,
                at,
                new VerdictReached(
                        asked.tenant(),
                        asked.upgrade(),
                        asked.step(),
                        asked.attempt(),
                        asked.token(),
                        verdict,
                        bake.lasted(at)));
    }

    private static List<Observed> observed(BakeRequested asked, List<Reading> readings, Instant at) {
        return readings.stream()
                .flatMap(reading -> switch (reading) {
                    case Reading.Passed r -> Stream.of(new Observed(asked.tenant(), r.name(), at, 1, r.found()));
                    case Reading.NotPassed r -> Stream.of(new Observed(asked.tenant(), r.name(), at, 0, r.found()));
                    case Reading.Blind r -> Stream.of(new Observed(asked.tenant(), r.name(), at, Double.NaN, r.why()));
                    case Reading.Counted r ->
                        Stream.of(
                                new Observed(asked.tenant(), r.name() + ".of", at, sum(r.of()), ""),
                                new Observed(asked.tenant(), r.name() + ".per", at, sum(r.per()), ""));
                })
                .toList();
    }

    private static double sum(Map<String, Double> series) {
        return series.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
