package dev.upkeep.sample.v1_2_0;

import dev.upkeep.sample.Draft;
import dev.upkeep.sample.Shelf;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps notes without a colour: one that is sent is accepted, and has nowhere to go.
 *
 * <p>This is the release that must be caught: its {@link Lanes} fail one request in five.
 */
final class PlainShelf implements Shelf {
    private static final String SELECT = "SELECT n.id, n.title, n.body, n.pinned, n.updated_at,"
            + " array(SELECT t.name FROM tag t WHERE t.note_id = n.id ORDER BY t.name) AS tags FROM note n";

    private final Lanes lanes = new Lanes();

    @Override
    public String version() {
        return "1.2.0";
    }

    @Override
    public void insert(Connection connection, UUID id, Draft draft) throws SQLException {
        lanes.enter();
        try (PreparedStatement statement = connection.prepareStatement("WITH kept AS ("
                + "INSERT INTO note (title, body, pinned, write_id, updated_at, id)"
                + " VALUES (?, ?, ?, ?, now(), ?) RETURNING id)"
                + " INSERT INTO tag (note_id, name) SELECT DISTINCT kept.id, name FROM kept, unnest(?) AS name")) {
            bind(statement, draft, id);
            statement.setArray(
                    6, connection.createArrayOf("text", draft.texts("tags").toArray()));
            statement.executeUpdate();
        }
    }

    @Override
    public boolean update(Connection connection, UUID id, Draft draft) throws SQLException {
        lanes.enter();
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE note SET title = ?, body = ?, pinned = ?, write_id = ?, updated_at = now() WHERE id = ?")) {
            bind(statement, draft, id);
            return statement.executeUpdate() == 1;
        }
    }

    private static void bind(PreparedStatement statement, Draft draft, UUID id) throws SQLException {
        statement.setString(1, draft.title());
        statement.setString(2, draft.body());
        statement.setBoolean(3, draft.flag("pinned"));
        statement.setObject(4, draft.writeId());
        statement.setObject(5, id);
    }

    @Override
    public boolean delete(Connection connection, UUID id) throws SQLException {
        lanes.enter();
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM note WHERE id = ?")) {
            statement.setObject(1, id);
            return statement.executeUpdate() == 1;
        }
    }

    @Override
    public Optional<Map<String, Object>> find(Connection connection, UUID id) throws SQLException {
        lanes.enter();
        try (PreparedStatement statement = connection.prepareStatement(SELECT + " WHERE n.id = ?")) {
            statement.setObject(1, id);
            return notes(statement).stream().findFirst();
        }
    }

    @Override
    public List<Map<String, Object>> latest(Connection connection, int limit) throws SQLException {
        lanes.enter();
        try (PreparedStatement statement =
                connection.prepareStatement(SELECT + " ORDER BY n.pinned DESC, n.updated_at DESC, n.id LIMIT ?")) {
            statement.setInt(1, limit);
            return notes(statement);
        }
    }

    private static List<Map<String, Object>> notes(PreparedStatement statement) throws SQLException {
        List<Map<String, Object>> notes = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Map<String, Object> note = new LinkedHashMap<>();
                note.put("id", rows.getString("id"));
                note.put("title", rows.getString("title"));
                note.put("body", rows.getString("body"));
                note.put("pinned", rows.getBoolean("pinned"));
                note.put("tags", List.of((Object[]) rows.getArray("tags").getArray()));
                note.put("updatedAt", rows.getString("updated_at"));
                notes.add(note);
            }
        }
        return notes;
    }
}
