package dev.upkeep.sample.v1_0_0;

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

/** Keeps notes that have a colour. */
final class ColouredShelf implements Shelf {
    private static final String COLUMNS = "id, title, body, colour, updated_at";

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public void insert(Connection connection, UUID id, Draft draft) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO note (title, body, colour, write_id, updated_at, id) VALUES (?, ?, ?, ?, now(), ?)")) {
            bind(statement, draft, id);
            statement.executeUpdate();
        }
    }

    @Override
    public boolean update(Connection connection, UUID id, Draft draft) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE note SET title = ?, body = ?, colour = ?, write_id = ?, updated_at = now() WHERE id = ?")) {
            bind(statement, draft, id);
            return statement.executeUpdate() == 1;
        }
    }

    private static void bind(PreparedStatement statement, Draft draft, UUID id) throws SQLException {
        statement.setString(1, draft.title());
        statement.setString(2, draft.body());
        statement.setString(3, draft.colour());
        statement.setObject(4, draft.writeId());
        statement.setObject(5, id);
    }

    @Override
    public boolean delete(Connection connection, UUID id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM note WHERE id = ?")) {
            statement.setObject(1, id);
            return statement.executeUpdate() == 1;
        }
    }

    @Override
    public Optional<Map<String, Object>> find(Connection connection, UUID id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM note WHERE id = ?")) {
            statement.setObject(1, id);
            return notes(statement).stream().findFirst();
        }
    }

    @Override
    public List<Map<String, Object>> latest(Connection connection, int limit) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM note ORDER BY updated_at DESC, id LIMIT ?")) {
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
                String colour = rows.getString("colour");
                if (colour != null) {
                    note.put("colour", colour);
                }
                note.put("updatedAt", rows.getString("updated_at"));
                notes.add(note);
            }
        }
        return notes;
    }
}
