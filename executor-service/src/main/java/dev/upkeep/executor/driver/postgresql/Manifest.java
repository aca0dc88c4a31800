package dev.upkeep.executor.driver.postgresql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.Backup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a dump, written beside it, so that the two can be understood without the catalogue.
 *
 * @param format of this file, see {@link #FORMAT}
 * @param server the system identifier of the server that the dump is of
 * @param roles those that row-level policies name
 * @param from where in the server's log the dump's snapshot is; writes after it are in the gap
 * @param taken when the dump's snapshot was taken
 * @param key the id of the key that the dump is sealed with; none if it is of the format before that
 */
record Manifest(
        int format,
        String backup,
        TenantId tenant,
        UpgradeId upgrade,
        Moment moment,
        String database,
        String server,
        int serverVersion,
        Locale locale,
        List<String> roles,
        Optional<String> slot,
        String from,
        Contents contents,
        Digest digest,
        long bytes,
        Instant taken,
        Optional<String> key) {
    static final int FORMAT = 2;

    /** Of dumps in clear, as they were before there were keys; upgrades that began then are still to be undone. */
    private static final int IN_CLEAR = 1;

    private static final ObjectMapper JSON = Wire.json().enable(SerializationFeature.INDENT_OUTPUT);

    Manifest {
        Objects.requireNonNull(backup, "backup");
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(upgrade, "upgrade");
        Objects.requireNonNull(moment, "moment");
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(locale, "locale");
        roles = List.copyOf(roles);
        Objects.requireNonNull(slot, "slot");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(contents, "contents");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(taken, "taken");
        Objects.requireNonNull(key, "key");
    }

    /** In what the database writes and sorts. */
    record Locale(String encoding, String collate, String ctype) {
        /** Of the connection's database. */
        static Locale of(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_encoding_to_char(encoding), datcollate, datctype"
                            + " FROM pg_database WHERE datname = current_database()")) {
                row.next();
                return new Locale(row.getString(1), row.getString(2), row.getString(3));
            }
        }

        /** For CREATE DATABASE. */
        String clause() {
            return " ENCODING " + Server.literal(encoding) + " LC_COLLATE " + Server.literal(collate) + " LC_CTYPE "
                    + Server.literal(ctype);
        }
    }

    /** The roles that policies of the connection's database name. */
    static List<String> roles(Connection connection) throws SQLException {
        List<String> roles = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT DISTINCT r.rolname FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)")) {
            while (rows.next()) {
                roles.add(rows.getString(1));
            }
        }
        return roles;
    }

    /** Where the manifest of a dump is. */
    static Path beside(Path dump) {
        return Backup.manifest(dump);
    }

    /** Writes it beside its dump and says by which digest it is known again. */
    Digest write(Path dump) throws IOException, InterruptedException {
        Path name = beside(dump);
        Path part = name.resolveSibling(name.getFileName() + ".part");
        Files.write(
                part,
                JSON.writeValueAsBytes(this),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        Durable.publish(part, name);
        return Durable.digest(name);
    }

    /** Reads the manifest beside a dump; an error of JSON says that it is none. */
    static Manifest read(Path dump) throws IOException {
        Manifest manifest = JSON.readValue(Files.readAllBytes(beside(dump)), Manifest.class);
        if (manifest == null || (manifest.format != FORMAT && manifest.format != IN_CLEAR)) {
            throw new Unreadable(manifest == null ? "is empty" : "has the unknown format " + manifest.format);
        }
        // Who takes the key out of a manifest must not thereby have a dump in clear taken for the sealed one.
        if (manifest.key.isPresent() != (manifest.format == FORMAT)) {
            throw new Unreadable(
                    "of format " + manifest.format + " has " + (manifest.key.isPresent() ? "a" : "no") + " key");
        }
        return manifest;
    }

    /** JSON, but no manifest that this version understands. */
    static final class Unreadable extends JsonProcessingException {
        private static final long serialVersionUID = 1L;

        Unreadable(String why) {
            super("the manifest " + why);
        }
    }
}
