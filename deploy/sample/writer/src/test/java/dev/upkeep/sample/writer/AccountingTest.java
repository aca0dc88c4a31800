package dev.upkeep.sample.writer;

import static dev.upkeep.sample.writer.Operation.DELETE;
import static dev.upkeep.sample.writer.Operation.INSERT;
import static dev.upkeep.sample.writer.Operation.UPDATE;
import static dev.upkeep.sample.writer.Status.ACKNOWLEDGED;
import static dev.upkeep.sample.writer.Status.REFUSED;
import static dev.upkeep.sample.writer.Status.SENT;
import static dev.upkeep.sample.writer.Status.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountingTest {
    private static final UUID NOTE = new UUID(0, 1);

    @TempDir
    Path directory;

    static Write write(long seq, Operation operation, UUID note, Status status) {
        boolean bare = operation == DELETE;
        return new Write(
                seq,
                new UUID(1, seq),
                operation,
                note,
                bare ? null : "title " + seq,
                bare ? null : "body " + seq,
                bare ? null : "red",
                "2026-01-01T00:00:00Z",
                status);
    }

    static NoteRow row(Write write) {
        return NoteRow.of(columns(write));
    }

    static Map<String, @Nullable String> columns(Write write) {
        Map<String, @Nullable String> columns = new HashMap<>();
        columns.put("id", write.noteId().toString());
        columns.put("title", write.title());
        columns.put("body", write.body());
        columns.put("colour", write.colour());
        columns.put("write_id", write.writeId().toString());
        return columns;
    }

    static GapReport.Item item(Write write) {
        return new GapReport.Item(
                write.operation(), write.noteId(), write.operation() == DELETE ? Map.of() : columns(write));
    }

    private static Write note(long seq, Operation operation, Status status) {
        return write(seq, operation, NOTE, status);
    }

    @Test
    void findsAWriteInTheDatabaseAndThoseItOverwrote() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write second = note(2, UPDATE, ACKNOWLEDGED);
        // When
        Account account = Accounting.account(List.of(first, second), Map.of(NOTE, row(second)), List.of());
        // Then
        assertThat(account).isEqualTo(new Account(2, 2, 0, List.of(), List.of()));
    }

    @Test
    void findsADeletedNoteByItsAbsence() {
        // Given
        List<Write> journal = List.of(note(1, INSERT, ACKNOWLEDGED), note(2, DELETE, ACKNOWLEDGED));
        // When
        Account account = Accounting.account(journal, Map.of(), List.of());
        // Then
        assertThat(account.whole()).isTrue();
    }

    @Test
    void missesAnUpdateThatWasTakenBackWithoutAWord() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write second = note(2, UPDATE, ACKNOWLEDGED);
        // When
        Account account = Accounting.account(List.of(first, second), Map.of(NOTE, row(first)), List.of());
        // Then
        assertThat(account.missing()).extracting(Account.Missing::write).containsExactly(second);
    }

    @Test
    void missesADeletedNoteThatIsBackWithoutAWord() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write second = note(2, DELETE, ACKNOWLEDGED);
        // When
        Account account = Accounting.account(List.of(first, second), Map.of(NOTE, row(first)), List.of());
        // Then
        assertThat(account.missing()).extracting(Account.Missing::write).containsExactly(second);
    }

    @Test
    void missesANoteThatIsGone() {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        // When
        Account account = Accounting.account(List.of(only), Map.of(), List.of());
        // Then
        assertThat(account.missing()).extracting(Account.Missing::write).containsExactly(only);
    }

    @Test
    void missesEveryWriteOfANoteThatSomebodyElseWroteLast() {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        // When
        Account account = Accounting.account(List.of(only), Map.of(NOTE, row(note(9, UPDATE, SENT))), List.of());
        // Then
        assertThat(account.missing()).hasSize(1);
    }

    @Test
    void missesAWriteWhoseColourIsGoneWhileTheColumnIsThere() {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        Map<String, @Nullable String> colourless = columns(only);
        colourless.put("colour", null);
        // When
        Account account = Accounting.account(List.of(only), Map.of(NOTE, NoteRow.of(colourless)), List.of());
        // Then
        assertThat(account.missing()).hasSize(1);
        assertThat(account.missing().getFirst().because()).contains("with other words");
    }

    @Test
    void takesAWriteAsFoundWhoseColourAMigrationFoldedIntoItsBody() {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        Map<String, @Nullable String> migrated = columns(only);
        migrated.remove("colour");
        migrated.put("body", only.body() + "\n[colour: red]");
        // When
        Account account = Accounting.account(List.of(only), Map.of(NOTE, NoteRow.of(migrated)), List.of());
        // Then
        assertThat(account.found()).isEqualTo(1);
    }

    @Test
    void takesWritesAfterTheRestoredOneAsItemisedEachByItsOwnLine() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write second = note(2, UPDATE, ACKNOWLEDGED);
        Write third = note(3, DELETE, ACKNOWLEDGED);
        List<Write> journal = List.of(first, second, third);
        // When
        Account both = Accounting.account(journal, Map.of(NOTE, row(first)), List.of(item(second), item(third)));
        Account one = Accounting.account(journal, Map.of(NOTE, row(first)), List.of(item(third)));
        // Then
        assertThat(both).isEqualTo(new Account(3, 1, 2, List.of(), List.of()));
        assertThat(one.missing()).extracting(Account.Missing::write).containsExactly(second);
    }

    @Test
    void acceptsNoLineThatTellsOfAnotherWriteOrOfOtherWords() {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        Map<String, @Nullable String> otherWords = columns(only);
        otherWords.put("title", "something else");
        Map<String, @Nullable String> otherWrite = columns(only);
        otherWrite.put("write_id", new UUID(7, 7).toString());
        List<GapReport.Item> items = List.of(
                new GapReport.Item(INSERT, NOTE, otherWords),
                new GapReport.Item(INSERT, NOTE, otherWrite),
                new GapReport.Item(UPDATE, NOTE, columns(only)),
                new GapReport.Item(INSERT, new UUID(0, 2), columns(only)));
        // When
        Account account = Accounting.account(List.of(only), Map.of(), items);
        // Then
        assertThat(account.missing()).hasSize(1);
    }

    @Test
    void takesAWriteOfUnknownOutcomeAsItIsFound() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write unknown = note(2, UPDATE, UNKNOWN);
        Write cut = note(2, DELETE, SENT);
        // When, Then
        assertThat(Accounting.account(List.of(first, unknown), Map.of(NOTE, row(first)), List.of())
                        .whole())
                .isTrue();
        assertThat(Accounting.account(List.of(first, unknown), Map.of(NOTE, row(unknown)), List.of())
                        .whole())
                .isTrue();
        assertThat(Accounting.account(List.of(first, cut), Map.of(), List.of()).whole())
                .isTrue();
    }

    @Test
    void doesNotTakeARefusedDeleteAsAnExcuseForAMissingNote() {
        // Given
        List<Write> journal = List.of(note(1, INSERT, ACKNOWLEDGED), note(2, DELETE, REFUSED));
        // When
        Account account = Accounting.account(journal, Map.of(), List.of());
        // Then
        assertThat(account.missing()).hasSize(1);
    }

    @Test
    void namesARefusedWriteThatIsInTheDatabaseAllTheSame() {
        // Given
        Write first = note(1, INSERT, ACKNOWLEDGED);
        Write refused = note(2, UPDATE, REFUSED);
        // When
        Account account = Accounting.account(List.of(first, refused), Map.of(NOTE, row(refused)), List.of());
        // Then
        assertThat(account.unasked()).containsExactly(refused);
        assertThat(account.whole()).isTrue();
    }

    private Path report(String... lines) throws IOException {
        return Files.write(directory.resolve("gap.jsonl"), List.of(lines));
    }

    @Test
    void readsTheApplicationsChangesToNotesFromAGapReport() throws IOException {
        // Given
        Write only = note(1, INSERT, ACKNOWLEDGED);
        String start = "{\"kind\":\"write\",\"lsn\":\"0/1\",\"xid\":\"7\",\"at\":\"x\",";
        Path report = report(
                "{\"kind\":\"header\",\"database\":\"d\",\"from\":\"0/1\",\"to\":\"0/2\",\"backup\":\"b\",\"writes\":4,\"later\":1}",
                start + "\"table\":\"public.note\",\"op\":\"insert\",\"key\":{\"id\":\"" + NOTE
                        + "\"},\"row\":{\"id\":\"" + NOTE
                        + "\",\"title\":\"title 1\",\"body\":\"body 1\",\"pinned\":\"f\",\"write_id\":\""
                        + only.writeId()
                        + "\"},\"by\":\"application\"}",
                start + "\"table\":\"public.note\",\"op\":\"delete\",\"key\":{\"id\":\"" + NOTE
                        + "\"},\"by\":\"application\"}",
                start + "\"table\":\"public.note\",\"op\":\"update\",\"key\":{\"id\":\"" + NOTE
                        + "\"},\"by\":\"migration\"}",
                start + "\"table\":\"public.tag\",\"op\":\"insert\",\"key\":{\"name\":\"x\"},\"by\":\"application\"}");
        // When
        List<GapReport.Item> items = GapReport.read(report).items();
        // Then
        assertThat(items).extracting(GapReport.Item::operation).containsExactly(INSERT, DELETE);
        assertThat(items.getFirst().tellsOf(only)).isTrue();
        assertThat(items.getLast().tellsOf(note(2, DELETE, ACKNOWLEDGED))).isTrue();
    }

    @Test
    void refusesAGapReportThatIsNotWhole() throws IOException {
        assertThatThrownBy(() -> GapReport.read(report("{\"kind\":\"header\",\"writes\":2}", "{\"kind\":\"write\"}")))
                .hasMessageContaining("counts 2 writes in its header and has 1");
        assertThatThrownBy(() -> GapReport.read(report("{\"kind\":\"write\"}"))).hasMessageContaining("header");
        assertThatThrownBy(() -> GapReport.read(report("{\"kind\":\"header\",\"writes\":1}", "{\"kind\":\"wri")))
                .hasMessageContaining("line 2");
    }

    @Test
    void readsAJournalWhoseLastLineWasTorn() throws IOException {
        // Given
        Path file = directory.resolve("journal.jsonl");
        Write write = note(1, INSERT, SENT);
        try (Journal journal = Journal.append(file)) {
            journal.add(write);
            journal.add(write.with(ACKNOWLEDGED));
            journal.add(note(2, UPDATE, SENT));
        }
        Files.writeString(file, Files.readString(file) + "{\"seq\":2,\"wri");
        // When
        List<Write> before = Journal.read(file);
        try (Journal journal = Journal.append(file)) {
            journal.add(note(3, DELETE, SENT));
        }
        // Then
        assertThat(before).containsExactly(write.with(ACKNOWLEDGED), note(2, UPDATE, SENT));
        assertThat(Journal.read(file)).hasSize(3);
    }
}
