package dev.upkeep.contract.schema;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The identity of a database's schema: {@code sf1:} and the SHA-256 of its normalised catalogue.
 *
 * <p>Two databases have the same fingerprint if and only if their tables, columns, constraints, indexes, views,
 * functions, triggers, sequences and types are the same; data, owners, grants, object ids and the physical order of
 * columns do not count, so a restored dump has the fingerprint of its source.
 */
public record SchemaFingerprint(String value) {
    private static final Pattern SHAPE = Pattern.compile("sf1:[0-9a-f]{64}");

    private static final Pattern EXPRESSION = Pattern.compile("(?:constraint|index|view|policy|domain-check) ");
    private static final Pattern NOISE =
            Pattern.compile("::(?:text|bpchar|character varying)(?:\\(\\d+\\))?(?:\\[\\])?|[()\\s]");

    /** Upkeep's own objects on a tenant's database, which are no part of the product's schema. */
    public static final String OWN_SCHEMA = "upkeep";

    /**
     * One text column {@code line}, one row a catalogue entry; run in the database itself, with any role that may
     * connect. The order of the rows does not matter. It sets the transaction's search path first, since PostgreSQL
     * writes a name without its schema when the path has it.
     */
    public static final String CATALOGUE_QUERY = """
            WITH path AS MATERIALIZED (
              SELECT pg_catalog.set_config('search_path', 'pg_catalog', true) AS set
            ), ns AS (
              SELECT oid, nspname FROM path, pg_catalog.pg_namespace
              WHERE path.set IS NOT NULL AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'upkeep')
            ), rel AS (
              SELECT c.oid, c.relname, c.relkind, c.relpersistence, ns.nspname
              FROM pg_catalog.pg_class c JOIN ns ON ns.oid = c.relnamespace
              WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            )
            SELECT 'relation ' || nspname || '.' || relname || ' ' || relkind::text || relpersistence::text AS line
              FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
            UNION ALL
            SELECT 'column ' || rel.nspname || '.' || rel.relname || '.' || a.attname || ' '
                   || pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                   || ' ' || a.attidentity::text || a.attgenerated::text || ' ' || coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
              FROM pg_catalog.pg_attribute a JOIN rel ON rel.oid = a.attrelid
              LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attnum > 0 AND NOT a.attisdropped AND rel.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
            UNION ALL
            SELECT 'constraint ' || rel.nspname || '.' || rel.relname || ' ' || c.conname || ' '
                   || pg_catalog.pg_get_constraintdef(c.oid) || CASE WHEN c.convalidated THEN '' ELSE ' not valid' END
              FROM pg_catalog.pg_constraint c JOIN rel ON rel.oid = c.conrelid
            UNION ALL
            SELECT 'index ' || pg_catalog.pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
              FROM pg_catalog.pg_index i JOIN rel ON rel.oid = i.indrelid
            UNION ALL
            SELECT 'view ' || nspname || '.' || relname || ' ' || pg_catalog.pg_get_viewdef(oid)
              FROM rel WHERE relkind IN ('v', 'm')
            UNION ALL
            SELECT 'sequence ' || rel.nspname || '.' || rel.relname || ' ' || pg_catalog.format_type(s.seqtypid, NULL)
                   || ' ' || s.seqincrement || ' ' || s.seqmin || ' ' || s.seqmax || ' ' || s.seqcycle
              FROM pg_catalog.pg_sequence s JOIN rel ON rel.oid = s.seqrelid
            UNION ALL
            SELECT 'function ' || ns.nspname || '.' || p.proname || ' ' || p.prokind::text || ' '
                   || CASE WHEN p.prokind IN ('f', 'p') THEN pg_catalog.pg_get_functiondef(p.oid)
                           ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END
              FROM pg_catalog.pg_proc p JOIN ns ON ns.oid = p.pronamespace
              WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            UNION ALL
            SELECT 'trigger ' || rel.nspname || '.' || rel.relname || ' ' || pg_catalog.pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
              FROM pg_catalog.pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal
            UNION ALL
            SELECT 'enum ' || ns.nspname || '.' || t.typname || ' '
                   || (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                       FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
              FROM pg_catalog.pg_type t JOIN ns ON ns.oid = t.typnamespace WHERE t.typtype = 'e'
            UNION ALL
            SELECT 'domain ' || ns.nspname || '.' || t.typname || ' ' || pg_catalog.format_type(t.typbasetype, t.typtypmod)
                   || CASE WHEN t.typnotnull THEN ' not null' ELSE '' END || ' ' || coalesce(t.typdefault, '')
              FROM pg_catalog.pg_type t JOIN ns ON ns.oid = t.typnamespace WHERE t.typtype = 'd'
            UNION ALL
            SELECT 'domain-check ' || ns.nspname || '.' || t.typname || ' ' || c.conname || ' ' || pg_catalog.pg_get_constraintdef(c.oid)
              FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_type t ON t.oid = c.contypid JOIN ns ON ns.oid = t.typnamespace
            UNION ALL
            SELECT 'policy ' || rel.nspname || '.' || rel.relname || ' ' || p.polname || ' ' || p.polcmd::text || ' '
                   || coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '') || ' '
                   || coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '')
              FROM pg_catalog.pg_policy p JOIN rel ON rel.oid = p.polrelid
            UNION ALL
            SELECT 'extension ' || extname || ' ' || extversion FROM pg_catalog.pg_extension
            """;

    public SchemaFingerprint {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "schema fingerprint '" + value + "' must be sf1: and 64 lower-case hexadecimal digits");
        }
    }

    /** The fingerprint of the rows that {@link #CATALOGUE_QUERY} gave, in any order. */
    public static SchemaFingerprint of(List<String> catalogue) {
        MessageDigest sha256 = sha256();
        catalogue.stream().map(SchemaFingerprint::normal).sorted().forEach(line -> {
            sha256.update(line.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
        });
        return new SchemaFingerprint("sf1:" + HexFormat.of().formatHex(sha256.digest()));
    }

    /**
     * An expression without its parentheses, blanks and casts to text: PostgreSQL writes the check
     * {@code status IN ('a', 'b')} on a {@code varchar} differently after a dump and a restore.
     */
    private static String normal(String line) {
        return EXPRESSION.matcher(line).lookingAt() ? NOISE.matcher(line).replaceAll("") : line;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
