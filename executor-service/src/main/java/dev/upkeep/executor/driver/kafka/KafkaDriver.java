package dev.upkeep.executor.driver.kafka;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Sealing;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.secrets.Seal;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Copies a tenant's topics before an upgrade, and waits until a consumer group has read what they held. It changes nothing in
 * Kafka: a stale attempt can do no harm there, and the file of {@code home} keeps two from writing one snapshot.
 *
 * <p>Ordering: a snapshot holds what was there when it began, to the last committed record; what comes meanwhile is left out.
 * Failure: a snapshot gets its name only once it was read again and holds what was read from Kafka.
 */
@ApplicationScoped
public class KafkaDriver implements Driver {
    private static final DriverName NAME = new DriverName("kafka");
    private static final String ENDING = ".jsonl.gz.sealed";
    private static final FileAttribute<?> OWNERS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final Duration RESERVE = Duration.ofSeconds(1);

    private final Sealing sealing;

    public KafkaDriver(Places places) {
        this.sealing = places.sealing();
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(Action.BackupDatabase.class, Action.EndCapture.class, Action.Drain.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return true;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        return switch (request.action()) {
            case Action.BackupDatabase a -> snapshot(request, work);
            case Action.Drain a -> drain(request, work);
            case Action.EndCapture a -> new Done(Map.of(), "there is no capture of writes to end");
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver kafka can't " + request.action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) {
        if (!(request.action() instanceof Action.BackupDatabase)) {
            return new Look.NotDone();
        }
        Path file = file(request, work);
        try {
            return kept(request, file, work)
                    .<Look>map(contents -> new Look.Done(found(request, file), "found done: " + told(contents, file)))
                    .orElse(new Look.NotDone());
        } catch (IOException e) {
            return new Look.NotDone();
        }
    }

    private Outcome snapshot(StepRequested request, Work work) throws InterruptedException {
        Path file = file(request, work);
        keep(request, work);
        FileFence fence = FileFence.hold(requireNonNull(file.getParent()), request.token(), work);
        try (Broker broker = Broker.of(request, work)) {
            Optional<Snapshot.Contents> before = kept(request, file, work);
            if (before.isPresent()) {
                return new Done(found(request, file), told(before.get(), file));
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Snapshot.Contents read = write(request, broker, part, work);
            Optional<Snapshot.Contents> written = read(request, part, work);
            if (written.isEmpty() || !written.get().equals(read)) {
                return Failed.retryable(
                        Failure.BACKUP_DAMAGED,
                        "the snapshot holds other records than were read: " + part,
                        "Check the volume, then have the step done again");
            }
            Artifacts.sync(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Artifacts.sync(requireNonNull(file.getParent()));
            forget(file, request, work);
            return new Done(found(request, file), told(read, file));
        } catch (IOException e) {
            throw Artifacts.trouble("snapshot " + file, e);
        } finally {
            fence.close();
        }
    }

    /** Deletes the oldest snapshots beyond those that are to be kept, but never the one just taken. */
    private static void forget(Path taken, StepRequested request, Work work) throws IOException {
        int keep = keep(request, work);
        List<Path> snapshots;
        try (Stream<Path> files = Files.list(requireNonNull(taken.getParent()))) {
            snapshots = files.filter(file -> file.getFileName().toString().endsWith(ENDING))
                    .filter(file -> !file.equals(taken))
                    .sorted(Comparator.comparing(KafkaDriver::modified).reversed())
                    .toList();
        }
        for (Path old : snapshots.subList(Math.min(keep - 1, snapshots.size()), snapshots.size())) {
            Files.deleteIfExists(old);
        }
    }

    private static int keep(StepRequested request, Work work) {
        String text = work.secrets().find(request.target(), "keep").orElse("3");
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting keep is '" + text + "', and no number from 1 to 9999",
                    "Set how many snapshots are kept"));
        }
        return Integer.parseInt(text);
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw Artifacts.trouble("snapshot " + file, e);
        }
    }

    /** A snapshot that was ended and is whole; one that is damaged is taken anew. */
    private Optional<Snapshot.Contents> kept(StepRequested request, Path file, Work work) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return read(request, file, work);
        } catch (Seal.Broken damaged) {
            return Optional.empty();
        }
    }

    private Optional<Snapshot.Contents> read(StepRequested request, Path file, Work work) throws IOException {
        try (InputStream opened = sealing.opened(file, sealedAs(request), work.secrets())) {
            return Snapshot.read(opened);
        }
    }

    /** The name that a snapshot is sealed under: nobody's is taken for another's. */
    private static String sealedAs(StepRequested request) {
        return request.tenant() + "/" + name(request);
    }

    private Snapshot.Contents write(StepRequested request, Broker broker, Path part, Work work)
            throws IOException, InterruptedException {
        List<TopicPartition> partitions = broker.partitions(Broker.topics(request, work));
        Files.deleteIfExists(part);
        // The file on its own: a seal that can't write its end on a full disk does not close it.
        try (OutputStream onto = Files.newOutputStream(Files.createFile(part, OWNERS_ALONE));
                OutputStream sealed = sealing.onto(onto, sealedAs(request), work.secrets());
                Snapshot.Writer writer = new Snapshot.Writer(sealed);
                KafkaConsumer<byte[], byte[]> reader = broker.reader()) {
            for (Map.Entry<String, List<TopicPartition>> topic :
                    Snapshot.byTopic(partitions).entrySet()) {
                writer.topic(topic.getKey(), topic.getValue(), broker.settings(topic.getKey()));
            }
            copy(reader, partitions, writer, work);
            return writer.end();
        } catch (InterruptException e) {
            // Kafka's clients set the flag again; whoever cancelled us reads the exception.
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
        } catch (KafkaException e) {
            throw broker.trouble(e);
        }
    }

    private static void copy(
            KafkaConsumer<byte[], byte[]> reader, List<TopicPartition> partitions, Snapshot.Writer writer, Work work)
            throws IOException {
        reader.assign(partitions);
        Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
        reader.seekToBeginning(partitions);
        List<TopicPartition> left = new ArrayList<>(partitions);
        long copied = 0;
        while (!left.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                if (record.offset()
                        < requireNonNull(ends.get(new TopicPartition(record.topic(), record.partition())))) {
                    writer.record(record);
                    copied++;
                }
            }
            // What is left to read may be markers of transactions alone: the position says so, and no record.
            left.removeIf(partition -> {
                boolean isRead = reader.position(partition) >= requireNonNull(ends.get(partition));
                if (isRead) {
                    reader.pause(List.of(partition));
                }
                return isRead;
            });
            work.progress(copied + " records, " + left.size() + " of " + partitions.size() + " partitions left");
        }
    }

    private static Outcome drain(StepRequested request, Work work) throws InterruptedException {
        String group = work.secrets().need(request.target(), "group");
        try (Broker broker = Broker.of(request, work)) {
            List<TopicPartition> partitions = broker.partitions(Broker.topics(request, work));
            Map<TopicPartition, Long> goals = broker.offsets(partitions, OffsetSpec.latest());
            Map<TopicPartition, Long> firsts = broker.offsets(partitions, OffsetSpec.earliest());
            Instant began = work.now();
            long behind = behind(goals, firsts, broker.committed(group));
            long atFirst = behind;
            while (behind > 0) {
                if (work.left().compareTo(RESERVE) < 0) {
                    return Failed.retryable(
                            Failure.NOT_DRAINED,
                            "group " + group + " was still " + behind + " records behind at the deadline, of "
                                    + atFirst,
                            "Look whether its consumers run and how fast they are, or raise the deadline of drain");
                }
                work.progress(behind + " records behind");
                work.pause(INTERVAL);
                behind = behind(goals, firsts, broker.committed(group));
            }
            return new Done(
                    Map.of(),
                    "group " + group + " has read all that was there, " + atFirst + " records of it in "
                            + Duration.between(began, work.now()).toMillis() + " ms");
        }
    }

    /** How many offsets a group has yet to pass of those that were there; where it never said, it begins with the first. */
    private static long behind(
            Map<TopicPartition, Long> goals, Map<TopicPartition, Long> firsts, Map<TopicPartition, Long> committed) {
        return goals.entrySet().stream()
                .mapToLong(goal -> {
                    long first = firsts.getOrDefault(goal.getKey(), 0L);
                    return Math.max(0, goal.getValue() - Math.max(first, committed.getOrDefault(goal.getKey(), 0L)));
                })
                .sum();
    }

    private static Path file(StepRequested request, Work work) {
        return Path.of(work.secrets().need(request.target(), "home"))
                .toAbsolutePath()
                .normalize()
                .resolve(name(request) + ENDING);
    }

    /** Steps of different upgrades bear the same ids. */
    private static String name(StepRequested request) {
        return (request.upgrade() + "." + request.step()).replace(':', '_');
    }

    private static Map<String, String> found(StepRequested request, Path file) {
        boolean failed = request.action() instanceof Action.BackupDatabase a && a.moment() == Action.Moment.FAILED;
        return Map.of(failed ? Fact.BACKUP_FAILED : Fact.BACKUP_BEFORE, file.toString());
    }

    private static String told(Snapshot.Contents contents, Path file) {
        return contents.total() + " records of " + contents.records().size() + " partitions are kept in " + file;
    }
}
