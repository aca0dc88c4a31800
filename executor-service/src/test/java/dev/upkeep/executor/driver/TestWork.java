package dev.upkeep.executor.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** One attempt's surroundings, for the tests of drivers: real time, a real directory, an in-memory catalogue. */
public final class TestWork implements Work {
    private final InstantSource clock = InstantSource.system();
    private final Instant deadline;
    private final Path scratch;
    private final Secrets secrets;
    private final Backups backups;
    private volatile boolean superseded;
    private final List<String> told = new CopyOnWriteArrayList<>();

    public TestWork(Path scratch, Duration limit, Map<String, String> environment, Backups backups) {
        this.scratch = scratch;
        this.deadline = clock.instant().plus(limit);
        this.secrets = new Secrets(environment);
        this.backups = backups;
    }

    public static TestWork in(Path scratch) {
        return new TestWork(scratch, Duration.ofSeconds(60), Map.of(), new MemoryBackups());
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    /** As if a later attempt had come. */
    public void supersede() {
        superseded = true;
    }

    @Override
    public boolean superseded() {
        return superseded;
    }

    @Override
    public void progress(String text) {
        told.add(text);
    }

    /** What the driver said on its way. */
    public List<String> told() {
        return told;
    }

    @Override
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public Path scratch() {
        try {
            return Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Backups backups() {
        return backups;
    }

    @Override
    public void pause(Duration span) throws InterruptedException {
        LockSupport.parkNanos(span.toNanos());
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
