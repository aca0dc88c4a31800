package dev.upkeep.sample;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How one version of inkwell keeps its notes: the part that differs from version to version, with its schema.
 *
 * <p>Each change is one statement on a connection in autocommit, so it is committed when the method returns and
 * undone when it throws. A note goes out as an ordered map of JSON values.
 */
public interface Shelf {

    /** The version of the product that this shelf belongs to. */
    String version();

    void insert(Connection connection, UUID id, Draft draft) throws SQLException;

    /** Replaces the whole note; false when there is none. */
    boolean update(Connection connection, UUID id, Draft draft) throws SQLException;

    /** False when there was none. */
    boolean delete(Connection connection, UUID id) throws SQLException;

    Optional<Map<String, Object>> find(Connection connection, UUID id) throws SQLException;

    /** The notes that were written last, the latest first. */
    List<Map<String, Object>> latest(Connection connection, int limit) throws SQLException;
}
