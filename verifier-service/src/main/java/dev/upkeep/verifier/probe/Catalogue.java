package dev.upkeep.verifier.probe;

import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.secrets.References;
import dev.upkeep.secrets.Unresolved;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Reads the schema fingerprint of a tenant's database over one read-only connection. */
final class Catalogue {
    private final Duration timeout;
    private final References references;

    Catalogue(Duration timeout, References references) {
        this.timeout = timeout;
        this.references = references;
    }

    /**
     * The fingerprint of what is there.
     *
     * @param settings {@code url}, {@code user} and {@code password}, the last a reference
     * @throws IOException if a setting is missing or its reference leads nowhere
     * @throws SQLException if the database can't be read in time
     */
    SchemaFingerprint read(Map<String, String> settings) throws IOException, SQLException {
        String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
        Properties properties = new Properties();
        properties.setProperty("user", setting(settings, "user"));
        properties.setProperty("password", secret(setting(settings, "password")));
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("readOnly", "true");
        properties.setProperty("ApplicationName", "upkeep-verifier");
        try (Connection connection = DriverManager.getConnection(setting(settings, "url"), properties);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SchemaFingerprint.CATALOGUE_QUERY)) {
            List<String> catalogue = new ArrayList<>();
            while (rows.next()) {
                catalogue.add(rows.getString(1));
            }
            return SchemaFingerprint.of(catalogue);
        }
    }

    private static String setting(Map<String, String> settings, String key) throws IOException {
        String value = settings.get(key);
        if (value == null || value.isBlank()) {
            throw new IOException("the database component lacks the setting '" + key + "'");
        }
        return value;
    }

    /** A password in clear is refused: settings travel in events. */
    private String secret(String reference) throws IOException {
        if (!References.is(reference)) {
            throw new IOException("the setting 'password' is no reference: it must begin with env:, file: or vault:");
        }
        try {
            return references.resolve(reference);
        } catch (Unresolved e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
