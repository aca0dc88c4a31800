package dev.upkeep.gate;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** Counts answers by class of status and renders the gate for Prometheus. */
final class Tally {
    private final LongAdder[] answers =
            IntStream.rangeClosed(0, 5).mapToObj(i -> new LongAdder()).toArray(LongAdder[]::new);

    void add(int status) {
        answers[Math.clamp(status / 100, 0, 5)].increment();
    }

    String prometheus(Gate.Standing standing) {
        StringBuilder text = new StringBuilder();
        text.append(
                "# HELP gate_requests_total Requests answered, by class of status; 0xx was cut without an answer.\n");
        text.append("# TYPE gate_requests_total counter\n");
        for (int i = 0; i < answers.length; i++) {
            text.append("gate_requests_total{code=\"")
                    .append(i)
                    .append("xx\"} ")
                    .append(answers[i].sum())
                    .append('\n');
        }
        text.append("# HELP gate_in_flight Requests under way to the tenant.\n# TYPE gate_in_flight gauge\n");
        text.append("gate_in_flight ").append(standing.inFlight()).append('\n');
        text.append("# HELP gate_parked 1 while requests are turned away.\n# TYPE gate_parked gauge\n");
        text.append("gate_parked ")
                .append(standing.position().state() == State.PARKED ? 1 : 0)
                .append('\n');
        return text.toString();
    }
}
