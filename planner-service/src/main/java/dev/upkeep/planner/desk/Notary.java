package dev.upkeep.planner.desk;

import dev.upkeep.contract.audit.Head;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.messaging.Transactions;
import dev.upkeep.planner.audit.HeadFiles;
import dev.upkeep.planner.key.SigningKey;
import dev.upkeep.planner.store.Timeline;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the heads of the chains that grew, signed, where whoever can write to the database can't.
 *
 * <p>Ordering: heads follow the log in the order in which it was written; how far it has come stands in the last head,
 * and nowhere else. Failure: what it could not publish it publishes the next time; upgrades go on meanwhile, and
 * {@code upkeep_audit_heads_unpublished} is 1.
 */
@ApplicationScoped
public class Notary {
    private static final Logger LOG = Logger.getLogger(Notary.class);
    private static final int PAGE = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final Timeline timeline;
    private final InstantSource clock;
    private final HeadFiles files;
    private final Path keyFile;
    private final Duration every;
    private @Nullable SigningKey key;
    private @Nullable Thread thread;
    private volatile @Nullable String trouble;

    Notary(
            Transactions transactions,
            Timeline timeline,
            InstantSource clock,
            MeterRegistry meters,
            @ConfigProperty(name = "upkeep.audit.key") Path keyFile,
            @ConfigProperty(name = "upkeep.audit.heads") Path heads,
            @ConfigProperty(name = "upkeep.audit.every") Duration every) {
        this.transactions = transactions;
        this.timeline = timeline;
        this.clock = clock;
        this.files = new HeadFiles(heads);
        this.keyFile = keyFile;
        this.every = every;
        meters.gauge("upkeep_audit_heads_unpublished", this, notary -> notary.trouble == null ? 0 : 1);
    }

    void start(@Observes StartupEvent started) throws IOException {
        // A key that can't be used is told now: nobody would miss heads that were never published.
        key();
        thread = Thread.ofPlatform().name("notary").daemon().start(this::run);
    }

    void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            running.join(5_000);
        }
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(every.toMillis());
                try {
                    publish();
                } catch (IOException | GeneralSecurityException | ExecutionException | TimeoutException failure) {
                    if (trouble == null) {
                        LOG.warnf("heads of the log can't be published, it tries again: %s", failure);
                    }
                    trouble = failure.toString();
                }
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    /** The public key that heads are checked with, as PEM. */
    public String publicKey() throws IOException {
        return key().publicPem();
    }

    /** The published heads after a number. */
    public List<Head> heads(long after, int limit) throws IOException {
        return files.after(after, limit);
    }

    /** Publishes what has not been published yet, and says how many heads that were. */
    public synchronized int publish()
            throws IOException, GeneralSecurityException, ExecutionException, TimeoutException, InterruptedException {
        try (HeadFiles.Turn turn = files.turn()) {
            Optional<Head> last = turn.last();
            Timeline.Cursor cursor = last.isEmpty() ? Timeline.Cursor.START : startOver(last.get());
            int published = 0;
            while (true) {
                Timeline.Cursor from = cursor;
                List<Timeline.Seen> page = transactions.run(PATIENCE, session -> timeline.since(session, from, PAGE));
                List<Head> heads = heads(page, last);
                if (!heads.isEmpty()) {
                    turn.add(heads);
                    last = Optional.of(heads.getLast());
                    cursor = Timeline.Cursor.of(heads.getLast().seen());
                    published += heads.size();
                }
                if (page.size() < PAGE) {
                    trouble = null;
                    return published;
                }
            }
        }
    }

    // A database that was restored elsewhere counts its transactions from anew: its log is read again from its
    // beginning.
    private Timeline.Cursor startOver(Head last) throws ExecutionException, TimeoutException, InterruptedException {
        Timeline.Cursor cursor = Timeline.Cursor.of(last.seen());
        if (transactions.run(PATIENCE, session -> timeline.isAhead(session, cursor))) {
            LOG.warnf("head %d was published of another database's log: all heads are published anew", last.number());
            return Timeline.Cursor.START;
        }
        return cursor;
    }

    private List<Head> heads(List<Timeline.Seen> page, Optional<Head> last)
            throws IOException, GeneralSecurityException {
        Map<String, Timeline.Seen> byChain = new LinkedHashMap<>();
        for (Timeline.Seen seen : page) {
            // In the order of their last lines, so that the last head says how far all were read.
            byChain.remove(seen.link().chain());
            byChain.put(seen.link().chain(), seen);
        }
        List<Head> heads = new ArrayList<>();
        long number = last.map(Head::number).orElse(0L);
        String before = last.map(Head::fingerprint).orElse(Link.ORIGIN);
        for (Timeline.Seen seen : byChain.values()) {
            Link link = seen.link();
            Head head = Head.signed(
                    ++number,
                    link.chain(),
                    link.place(),
                    link.hash(),
                    Desk.precise(clock.instant()),
                    seen.cursor(),
                    before,
                    key().key());
            before = head.fingerprint();
            heads.add(head);
        }
        return heads;
    }

    private synchronized SigningKey key() throws IOException {
        SigningKey read = key;
        if (read == null) {
            read = SigningKey.at(keyFile);
            key = read;
        }
        return read;
    }
}
