package dev.upkeep.sample;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the requests to the notes and renders them for Prometheus. */
final class Tally {
    /** How a request ended, as the metric says it. */
    enum Outcome {
        OK("ok"),
        CLIENT_ERROR("client-error"),
        ERROR("error");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        static Outcome of(int status) {
            if (status >= 500) {
                return ERROR;
            }
            return status >= 400 ? CLIENT_ERROR : OK;
        }
    }

    private static final double NANOS = 1e9;

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final LongAdder nanoseconds = new LongAdder();
    private final LongAdder count = new LongAdder();

    void add(String method, Outcome outcome, long nanos) {
        requests.computeIfAbsent(
                        "method=\"" + method + "\",outcome=\"" + outcome.label + "\"", labels -> new LongAdder())
                .increment();
        nanoseconds.add(nanos);
        count.increment();
    }

    String prometheus() {
        StringBuilder text = new StringBuilder();
        text.append("# HELP inkwell_requests_total Requests to the notes, by method and outcome.\n");
        text.append("# TYPE inkwell_requests_total counter\n");
        new TreeMap<>(requests)
                .forEach((labels, adder) -> text.append("inkwell_requests_total{")
                        .append(labels)
                        .append("} ")
                        .append(adder.sum())
                        .append('\n'));
        text.append("# HELP inkwell_request_seconds How long requests to the notes took.\n");
        text.append("# TYPE inkwell_request_seconds summary\n");
        text.append("inkwell_request_seconds_sum ")
                .append(nanoseconds.sum() / NANOS)
                .append('\n');
        text.append("inkwell_request_seconds_count ").append(count.sum()).append('\n');
        return text.toString();
    }
}
