package dev.upkeep.executor.driver;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The same attempt with a deadline of its own: for a look that must not take all that is left, or for tidying up. */
public record Nearer(Work work, Instant deadline) implements Work {

    /** Ends after {@code span}, and with the attempt if that ends before. */
    public static Work within(Duration span, Work work) {
        Instant ends = work.now().plus(span);
        return ends.isBefore(work.deadline()) ? new Nearer(work, ends) : work;
    }

    /** Ends {@code span} from now, although the attempt's own deadline may have passed. */
    public static Work afterwards(Duration span, Work work) {
        return new Nearer(work, work.now().plus(span));
    }

    @Override
    public Instant now() {
        return work.now();
    }

    @Override
    public boolean superseded() {
        return work.superseded();
    }

    @Override
    public void progress(String text) {
        work.progress(text);
    }

    @Override
    public Secrets secrets() {
        return work.secrets();
    }

    @Override
    public Path scratch() {
        return work.scratch();
    }

    @Override
    public Backups backups() {
        return work.backups();
    }

    @Override
    public void pause(Duration span) throws InterruptedException {
        work.pause(span);
    }
}
