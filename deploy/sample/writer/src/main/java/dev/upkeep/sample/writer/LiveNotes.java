package dev.upkeep.sample.writer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * The notes that the writer believes to be there; one that is taken has a write under way and is nobody else's.
 *
 * <p>A note whose last write may or may not have happened is not given back: what came after it could not be told from
 * what it left behind.
 */
final class LiveNotes {
    private final int most;
    private final List<UUID> idle = new ArrayList<>();
    private int taken;

    LiveNotes(int most, List<Write> journal) {
        this.most = most;
        Map<UUID, Boolean> alive = new HashMap<>();
        for (Write write : journal) {
            switch (write.status()) {
                case ACKNOWLEDGED -> alive.put(write.noteId(), write.operation() != Operation.DELETE);
                case SENT, UNKNOWN -> alive.put(write.noteId(), false);
                case REFUSED -> {}
            }
        }
        journal.stream()
                .map(Write::noteId)
                .distinct()
                .filter(note -> alive.getOrDefault(note, false))
                .forEach(idle::add);
    }

    /** Empty: there is room for a new note, which now counts as taken. */
    synchronized Optional<UUID> take(RandomGenerator random, double newShare) {
        int alive = idle.size() + taken;
        if (idle.isEmpty() || (alive < most && (alive < most / 4 || random.nextDouble() < newShare))) {
            taken++;
            return Optional.empty();
        }
        taken++;
        int place = random.nextInt(idle.size());
        UUID note = idle.set(place, idle.getLast());
        idle.removeLast();
        return Optional.of(note);
    }

    synchronized void giveBack(UUID note) {
        taken--;
        idle.add(note);
    }

    synchronized void drop() {
        taken--;
    }
}
