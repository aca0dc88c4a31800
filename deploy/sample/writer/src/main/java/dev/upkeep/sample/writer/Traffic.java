package dev.upkeep.sample.writer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Steady writes to one tenant, each of them kept in a journal.
 *
 * <p>Ordering: several notes are written at a time, one note only by one write at a time.
 *
 * <p>Failure: an answer that is no 2xx is a refusal, a missing one leaves the write unknown; neither stops the traffic.
 * Told to come again later, all of it pauses, for a second at most.
 */
public final class Traffic implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Traffic.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> COLOURS = List.of("red", "green", "blue", "amber", "violet");
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final long SECOND = 1_000_000_000L;
    private static final double NEW_SHARE = 0.3;
    private static final double DELETE_SHARE = 0.25;

    /**
     * How the writer goes about it.
     *
     * @param rate writes per second
     * @param notes how many notes are there at most, as far as the writer knows
     * @param atATime how many writes are under way at most
     */
    public record Pace(double rate, int notes, int atATime, long seed) {
        public Pace {
            if (!(rate > 0 && rate <= 10_000)) {
                throw new IllegalArgumentException(
                        "rate is " + rate + "; give writes per second from above 0 to 10000");
            }
            if (notes < 1 || atATime < 1) {
                throw new IllegalArgumentException("notes and atATime are at least 1");
            }
        }

        public static Pace steady(long seed) {
            return new Pace(20, 60, 4, seed);
        }
    }

    /**
     * What became of the writes so far.
     *
     * @param parked those of the refused that were told to come again later
     */
    public record Counts(long acknowledged, long refused, long unknown, long parked) {}

    private final URI gate;
    private final Pace pace;
    private final InstantSource clock;
    private final HttpClient client;
    private final Journal journal;
    private final LiveNotes notes;
    private final AtomicLong seq;
    private final AtomicLong nextSlot;
    private final AtomicLong pausedUntil;
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unknown = new LongAdder();
    private final LongAdder parked = new LongAdder();
    private volatile boolean stopping;
    private volatile @Nullable IOException failure;

    private Traffic(URI gate, Pace pace, InstantSource clock, Journal journal, List<Write> before) {
        this.gate = gate;
        this.pace = pace;
        this.clock = clock;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
        this.journal = journal;
        this.notes = new LiveNotes(pace.notes(), before);
        this.seq = new AtomicLong(before.isEmpty() ? 0 : before.getLast().seq());
        this.nextSlot = new AtomicLong(System.nanoTime());
        this.pausedUntil = new AtomicLong(System.nanoTime());
    }

    /** Begins to write through a gate, such as http://127.0.0.1:8000; an earlier journal is gone on with. */
    public static Traffic start(URI gate, Path journal, Pace pace, InstantSource clock) throws IOException {
        Journal lines = Journal.append(journal);
        Traffic traffic = new Traffic(gate, pace, clock, lines, Journal.read(journal));
        for (int i = 0; i < pace.atATime(); i++) {
            Random random = new Random(pace.seed() * 31 + i);
            traffic.threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> traffic.write(random)));
        }
        return traffic;
    }

    public Counts counts() {
        return new Counts(acknowledged.sum(), refused.sum(), unknown.sum(), parked.sum());
    }

    /** Sends nothing more, waits for the answers to what was sent, and closes the journal. */
    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
        journal.close();
        IOException broken = failure;
        if (broken != null) {
            throw new IOException("the journal could not be kept, so the traffic stopped", broken);
        }
    }

    private void write(Random random) {
        try {
            while (waitForTurn()) {
                write(next(random));
            }
        } catch (IOException e) {
            // Only the journal throws: without it not one more write may be sent.
            LOG.log(System.Logger.Level.ERROR, "the journal cannot be kept", e);
            failure = e;
            stopping = true;
        }
    }

    /** False when the traffic is to stop. */
    private boolean waitForTurn() {
        long step = (long) (SECOND / pace.rate());
        long slot = nextSlot.getAndAdd(step);
        long now = System.nanoTime();
        // What was not written during a pause is not made up for in a burst afterwards.
        if (now - slot > SECOND) {
            nextSlot.accumulateAndGet(now, Math::max);
        }
        for (long left = nanosUntil(slot); left > 0; left = nanosUntil(slot)) {
            if (stopping) {
                return false;
            }
            LockSupport.parkNanos(left);
        }
        return !stopping;
    }

    private long nanosUntil(long slot) {
        long now = System.nanoTime();
        return Math.max(slot - now, pausedUntil.get() - now);
    }

    private Write next(Random random) {
        Optional<UUID> taken = notes.take(random, NEW_SHARE);
        Operation operation;
        if (taken.isEmpty()) {
            operation = Operation.INSERT;
        } else {
            operation = random.nextDouble() < DELETE_SHARE ? Operation.DELETE : Operation.UPDATE;
        }
        long number = seq.incrementAndGet();
        boolean bare = operation == Operation.DELETE;
        return new Write(
                number,
                UUID.randomUUID(),
                operation,
                taken.orElseGet(UUID::randomUUID),
                bare ? null : "note of write " + number,
                bare ? null : "words ".repeat(1 + random.nextInt(20)) + number,
                bare ? null : COLOURS.get(random.nextInt(COLOURS.size())),
                clock.instant().toString(),
                Status.SENT);
    }

    private void write(Write write) throws IOException {
        journal.add(write);
        Status outcome = send(write);
        journal.add(write.with(outcome));
        switch (outcome) {
            case ACKNOWLEDGED -> {
                acknowledged.increment();
                if (write.operation() == Operation.DELETE) {
                    notes.drop();
                } else {
                    notes.giveBack(write.noteId());
                }
            }
            case REFUSED -> refused.increment();
            case SENT, UNKNOWN -> {
                unknown.increment();
                notes.drop();
            }
        }
    }

    private Status send(Write write) throws IOException {
        HttpResponse<String> response;
        try {
            response = client.send(request(write), HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            pause(LONGEST_PAUSE);
            return refused(write, true);
        } catch (IOException e) {
            return Status.UNKNOWN;
        } catch (InterruptedException e) {
            stopping = true;
            return Status.UNKNOWN;
        }
        int code = response.statusCode();
        if (code / 100 == 2) {
            return Status.ACKNOWLEDGED;
        }
        if (code == 503) {
            response.headers().firstValue("Retry-After").ifPresent(seconds -> {
                parked.increment();
                pause(seconds.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : LONGEST_PAUSE);
            });
        }
        boolean reached = response.headers()
                .firstValue("Upkeep-Forwarded")
                .filter("no"::equals)
                .isEmpty();
        if (reached && (code == 502 || code == 504)) {
            return Status.UNKNOWN;
        }
        // 404 is the service's word that the note is gone: an undo took it back, and the gap report has it.
        return refused(write, code != 404);
    }

    private Status refused(Write write, boolean stillThere) {
        if (stillThere && write.operation() != Operation.INSERT) {
            notes.giveBack(write.noteId());
        } else {
            notes.drop();
        }
        return Status.REFUSED;
    }

    private void pause(Duration asked) {
        Duration pause = asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
        pausedUntil.accumulateAndGet(System.nanoTime() + pause.toNanos(), Math::max);
    }

    private HttpRequest request(Write write) throws IOException {
        String path = write.operation() == Operation.INSERT ? "/notes" : "/notes/" + write.noteId();
        HttpRequest.Builder request = HttpRequest.newBuilder(gate.resolve(path)).timeout(ANSWER);
        return switch (write.operation()) {
            case INSERT -> request.POST(BodyPublishers.ofByteArray(body(write))).build();
            case UPDATE -> request.PUT(BodyPublishers.ofByteArray(body(write))).build();
            case DELETE -> request.DELETE().build();
        };
    }

    private static byte[] body(Write write) throws IOException {
        Map<String, @Nullable Object> note = new LinkedHashMap<>();
        note.put("id", write.noteId());
        note.put("title", write.title());
        note.put("body", write.body());
        note.put("colour", write.colour());
        note.put("writeId", write.writeId());
        return JSON.writeValueAsBytes(note);
    }
}
