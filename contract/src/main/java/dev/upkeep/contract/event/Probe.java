package dev.upkeep.contract.event;

import dev.upkeep.contract.schema.SchemaFingerprint;
import java.util.Map;
import java.util.Objects;

/** One thing to look at on a tenant, and what it must be like. */
public sealed interface Probe {
    /** Its name in the verdict's evidence, unique within a bake. */
    String name();

    /** A GET must answer with this status. */
    record HttpStatus(String name, String url, int status) implements Probe {
        public HttpStatus {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(url, "url");
        }
    }

    /**
     * A GET must answer 200 with a JSON body in which {@code pointer} (RFC 6901) holds the text {@code value}: how a
     * component says which version it is.
     */
    record HttpField(String name, String url, String pointer, String value) implements Probe {
        public HttpField {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(url, "url");
            Objects.requireNonNull(pointer, "pointer");
            Objects.requireNonNull(value, "value");
        }
    }

    /**
     * The database's schema must have this fingerprint.
     *
     * @param settings the database component's settings: {@code url}, {@code user}, {@code password} (a reference)
     */
    record Schema(String name, Map<String, String> settings, SchemaFingerprint fingerprint) implements Probe {
        public Schema {
            Objects.requireNonNull(name, "name");
            settings = Map.copyOf(settings);
            Objects.requireNonNull(fingerprint, "fingerprint");
        }
    }
}
