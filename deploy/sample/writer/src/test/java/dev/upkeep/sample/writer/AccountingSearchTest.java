package dev.upkeep.sample.writer;

import static dev.upkeep.sample.writer.Operation.DELETE;
import static dev.upkeep.sample.writer.Operation.INSERT;
import static dev.upkeep.sample.writer.Operation.UPDATE;
import static dev.upkeep.sample.writer.Status.ACKNOWLEDGED;
import static dev.upkeep.sample.writer.Status.REFUSED;
import static dev.upkeep.sample.writer.Status.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Searches, by seed, for a history in which the account is wrong: a model of a tenant is written to, backed up,
 * migrated, confirmed and restored, several times over, and knows by itself which writes it still shows.
 */
class AccountingSearchTest {
    private static final int SEEDS = Integer.getInteger("upkeep.search.seeds", 400);
    private static final int STEPS = 250;

    /** What the model holds of one database at one moment: its rows, and for each note the last write it took. */
    private record Image(Map<UUID, NoteRow> rows, Map<UUID, Write> last, boolean colours) {
        Image copy() {
            return new Image(new HashMap<>(rows), new HashMap<>(last), colours);
        }
    }

    private static final class Model {
        final Random random;
        final List<Write> journal = new ArrayList<>();
        final List<UUID> live = new ArrayList<>();
        final List<GapReport.Item> reported = new ArrayList<>();
        Image database = new Image(new HashMap<>(), new HashMap<>(), true);

        @Nullable
        Image backup;

        List<GapReport.Item> captured = new ArrayList<>();

        Model(long seed) {
            random = new Random(seed);
            for (int i = 0; i < STEPS; i++) {
                step();
            }
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 90) {
                write();
            } else if (backup == null) {
                backup = database.copy();
                captured = new ArrayList<>();
            } else if (dice < 93 && database.colours()) {
                migrate();
            } else if (dice < 96) {
                backup = null;
            } else {
                database = backup;
                reported.addAll(captured);
                backup = null;
            }
        }

        private void migrate() {
            Map<UUID, NoteRow> rows = new HashMap<>();
            database.rows().forEach((note, row) -> {
                Map<String, @Nullable String> columns = new HashMap<>(row.columns());
                columns.put("body", columns.get("body") + "\n[colour: " + columns.remove("colour") + "]");
                rows.put(note, NoteRow.of(columns));
            });
            database = new Image(rows, database.last(), false);
        }

        private void write() {
            Operation operation =
                    live.isEmpty() || random.nextInt(3) == 0 ? INSERT : random.nextInt(4) == 0 ? DELETE : UPDATE;
            UUID note = operation == INSERT
                    ? new UUID(random.nextLong(), random.nextLong())
                    : live.get(random.nextInt(live.size()));
            boolean possible = operation == INSERT || database.rows().containsKey(note);
            int dice = random.nextInt(20);
            Status status = dice == 0 ? UNKNOWN : !possible || dice == 1 ? REFUSED : ACKNOWLEDGED;
            Write write = AccountingTest.write(journal.size() + 1, operation, note, status);
            journal.add(write);
            if (possible && (status == ACKNOWLEDGED || status == UNKNOWN && random.nextBoolean())) {
                apply(write);
            }
            boolean stays = status == ACKNOWLEDGED && operation != DELETE
                    || status == REFUSED && possible && operation != INSERT;
            live.remove(note);
            if (stays) {
                live.add(note);
            }
        }

        private void apply(Write write) {
            Map<String, @Nullable String> columns = AccountingTest.columns(write);
            if (!database.colours()) {
                columns.remove("colour");
            }
            if (write.operation() == DELETE) {
                database.rows().remove(write.noteId());
            } else {
                database.rows().put(write.noteId(), NoteRow.of(columns));
            }
            database.last().put(write.noteId(), write);
            if (backup != null) {
                captured.add(new GapReport.Item(
                        write.operation(), write.noteId(), write.operation() == DELETE ? Map.of() : columns));
            }
        }

        /** The acknowledged writes whose effect the database does not show, and that only a report can tell of. */
        List<Write> takenBack() {
            return journal.stream()
                    .filter(write -> write.status() == ACKNOWLEDGED)
                    .filter(write -> {
                        Write last = database.last().get(write.noteId());
                        return write.seq() > (last == null ? 0 : last.seq());
                    })
                    // A note that came and went in the gap is as its caller left it.
                    .filter(write -> database.rows().containsKey(write.noteId())
                            || journal.stream()
                                    .noneMatch(later -> later.noteId().equals(write.noteId())
                                            && later.operation() == DELETE
                                            && later.status() != REFUSED
                                            && later.seq() >= write.seq()))
                    .toList();
        }

        Account account() {
            return Accounting.account(journal, database.rows(), reported);
        }

        <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }
    }

    @Test
    void accountsForEveryWriteOfAnyHistoryInWhichNoneIsLost() {
        long itemised = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            // Given
            Model model = new Model(seed);
            // When
            Account account = model.account();
            // Then
            assertThat(account.missing()).as("seed %d", seed).isEmpty();
            assertThat(account.itemised())
                    .as("seed %d", seed)
                    .isEqualTo(model.takenBack().size());
            itemised += account.itemised();
        }
        assertThat(itemised)
                .as("a search that never itemises looks in the wrong place")
                .isPositive();
    }

    @Test
    void missesTheVeryWriteWhoseLineIsTakenOutOfTheReport() {
        int planted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            // Given
            Model model = new Model(seed);
            List<Write> takenBack = model.takenBack();
            if (!takenBack.isEmpty()) {
                Write lost = model.any(takenBack);
                model.reported.removeIf(item -> item.tellsOf(lost));
                // When
                Account account = model.account();
                // Then
                assertThat(account.missing())
                        .as("seed %d", seed)
                        .extracting(Account.Missing::write)
                        .containsExactly(lost);
                planted++;
            }
        }
        assertThat(planted).isGreaterThan(SEEDS / 10);
    }

    @Test
    void missesAWriteThatTheDatabaseLost() {
        int planted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            // Given
            Model model = new Model(seed);
            List<Write> shown = model.database.rows().keySet().stream()
                    .map(note -> model.database.last().get(note))
                    .filter(write -> write.status() == ACKNOWLEDGED)
                    .filter(write -> model.reported.stream().noneMatch(item -> item.tellsOf(write)))
                    .filter(write -> model.journal.stream()
                            .noneMatch(other -> other.noteId().equals(write.noteId()) && other.operation() == DELETE))
                    .sorted(Comparator.comparing(Write::seq))
                    .toList();
            if (!shown.isEmpty()) {
                Write lost = model.any(shown);
                lose(model, lost);
                // When
                Account account = model.account();
                // Then
                assertThat(account.missing())
                        .as("seed %d", seed)
                        .extracting(Account.Missing::write)
                        .contains(lost);
                assertThat(account.missing())
                        .as("seed %d", seed)
                        .allMatch(missing -> missing.write().noteId().equals(lost.noteId()));
                planted++;
            }
        }
        assertThat(planted).isGreaterThan(SEEDS / 2);
    }

    /** As a restore of too old a backup, a lost row or a mangled one would. */
    private static void lose(Model model, Write lost) {
        List<Write> earlier = model.journal.stream()
                .filter(write -> write.noteId().equals(lost.noteId())
                        && write.seq() < lost.seq()
                        && write.status() == ACKNOWLEDGED)
                .toList();
        switch (model.random.nextInt(3)) {
            case 0 -> model.database.rows().remove(lost.noteId());
            case 1 -> {
                Map<String, @Nullable String> mangled =
                        new HashMap<>(model.database.rows().get(lost.noteId()).columns());
                mangled.put(model.random.nextBoolean() || !mangled.containsKey("colour") ? "title" : "colour", null);
                model.database.rows().put(lost.noteId(), NoteRow.of(mangled));
            }
            default -> {
                model.database.rows().remove(lost.noteId());
                if (!earlier.isEmpty()) {
                    model.database.rows().put(lost.noteId(), AccountingTest.row(model.any(earlier)));
                }
            }
        }
    }
}
