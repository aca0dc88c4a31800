package dev.upkeep.executor.driver.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What belongs to a database as a whole and is therefore in no dump of it: grants, parameters, limit, comment. */
final class DatabaseSettings {
    /** Their values are lists that are already quoted where they are kept; see variable_is_guc_list_quote in pg_dump. */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private DatabaseSettings() {}

    /** The statements that give one database what another one has. */
    static List<String> of(Connection connection, String source, String target) throws SQLException {
        String database = Server.identifier(target);
        List<String> statements = new ArrayList<>();
        read(
                connection,
                "SELECT datconnlimit, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ?",
                source,
                row -> {
                    statements.add("ALTER DATABASE " + database + " CONNECTION LIMIT " + row.getInt(1));
                    if (row.getString(2) != null) {
                        statements.add("COMMENT ON DATABASE " + database + " IS " + Server.literal(row.getString(2)));
                    }
                });
        List<String> grants = new ArrayList<>();
        read(
                connection,
                "SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, a.privilege_type,"
                        + " a.is_grantable FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a"
                        + " WHERE d.datname = ?",
                source,
                row -> grants.add("GRANT " + row.getString(2) + " ON DATABASE " + database + " TO "
                        + (row.getString(1) == null ? "PUBLIC" : Server.identifier(row.getString(1)))
                        + (row.getBoolean(3) ? " WITH GRANT OPTION" : "")));
        if (Server.find(connection, "SELECT datacl::text FROM pg_database WHERE datname = ?", source)
                .isPresent()) {
            // Without grants of its own a database has the default ones: everybody may connect.
            statements.add("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
            statements.addAll(grants);
        }
        read(
                connection,
                "SELECT CASE WHEN s.setrole = 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END, split_part(c, '=', 1),"
                        + " substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s"
                        + " JOIN pg_database d ON d.oid = s.setdatabase CROSS JOIN LATERAL unnest(s.setconfig) c"
                        + " WHERE d.datname = ?",
                source,
                row -> statements.add((row.getString(1) == null
                                ? "ALTER DATABASE " + database
                                : "ALTER ROLE " + Server.identifier(row.getString(1)) + " IN DATABASE " + database)
                        + " SET " + row.getString(2) + " = "
                        + (LISTS.contains(row.getString(2)) ? row.getString(3) : Server.literal(row.getString(3)))));
        return statements;
    }

    private interface Row {
        void take(ResultSet row) throws SQLException;
    }

    private static void read(Connection connection, String query, String source, Row each) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, source);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    each.take(rows);
                }
            }
        }
    }
}
