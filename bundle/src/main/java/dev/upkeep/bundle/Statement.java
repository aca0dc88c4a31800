package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * What is signed: an in-toto Statement v1 that names every file of a bundle by its digest, and the bundle itself.
 *
 * @param sequence which only grows from bundle to bundle of a product, whatever versions they carry
 * @param expires when it is no longer taken
 * @param entries every file of the bundle but the statement, in the order in which they lie there
 */
public record Statement(
        ProductName product, Version version, long sequence, Instant created, Instant expires, List<Entry> entries) {
    static final String TYPE = "https://in-toto.io/Statement/v1";
    static final String PREDICATE = "https://upkeep.dev/bundle/v1";

    public Statement {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        entries = List.copyOf(entries);
        if (sequence < 1) {
            throw new IllegalArgumentException("a sequence begins with 1, and is not " + sequence);
        }
        if (!expires.isAfter(created)) {
            throw new IllegalArgumentException("it would expire before it is made: " + expires);
        }
        if (entries.size() > Limits.FILES) {
            throw new IllegalArgumentException(
                    entries.size() + " files; a bundle has at most " + Limits.FILES + " of them");
        }
        Set<String> names = new HashSet<>();
        long total = 0;
        long documents = 0;
        for (Entry entry : entries) {
            if (!names.add(entry.name().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("'" + entry.name() + "' stands in it twice");
            }
            total += entry.size();
            documents += entry.inMemory() ? entry.size() : 0;
        }
        if (total > Limits.TOTAL || documents > Limits.DOCUMENTS) {
            throw new IllegalArgumentException("its files have " + total + " bytes, its documents " + documents
                    + "; at most are " + Limits.TOTAL + " and " + Limits.DOCUMENTS);
        }
    }

    /** The bytes that are signed. */
    byte[] bytes() {
        ObjectNode statement = Json.object();
        statement.put("_type", TYPE).put("predicateType", PREDICATE);
        statement
                .putObject("predicate")
                .put("product", product.value())
                .put("version", version.toString())
                .put("sequence", sequence)
                .put("created", created.toString())
                .put("expires", expires.toString());
        ArrayNode subjects = statement.putArray("subject");
        for (Entry entry : entries) {
            ObjectNode subject = subjects.addObject().put("name", entry.name());
            subject.putObject("digest").put("sha256", Entry.hex(entry.digest()));
            if (!entry.mediaType().isEmpty()) {
                subject.put("mediaType", entry.mediaType());
            }
            subject.putObject("annotations").put("size", entry.size());
        }
        return Json.bytes(statement);
    }

    /** Reads what was signed; whether it was is another question. */
    static Statement read(byte[] bytes) throws BundleRefused {
        JsonNode tree = Json.canonical("the statement", bytes);
        try {
            JsonNode predicate = tree.required("predicate");
            List<Entry> entries = new ArrayList<>();
            for (JsonNode subject : tree.required("subject")) {
                entries.add(new Entry(
                        text(subject, "name"),
                        new Digest("sha256:" + text(subject.required("digest"), "sha256")),
                        number(subject.required("annotations"), "size"),
                        subject.path("mediaType").asText("")));
            }
            Statement statement = new Statement(
                    new ProductName(text(predicate, "product")),
                    Version.of(text(predicate, "version")),
                    number(predicate, "sequence"),
                    Instant.parse(text(predicate, "created")),
                    Instant.parse(text(predicate, "expires")),
                    entries);
            if (!java.util.Arrays.equals(statement.bytes(), bytes)) {
                // A key that nobody here knows, another type, a time that is written otherwise.
                throw new IllegalArgumentException("it says more, or other things, than " + PREDICATE + " has");
            }
            return statement;
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    "the statement can't be taken: " + e.getMessage(),
                    "take a bundle that `upkeep bundle create` made, of this version of Upkeep or an earlier one");
        }
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.required(key);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("'" + key + "' must be a text");
        }
        return value.asText();
    }

    private static long number(JsonNode node, String key) {
        JsonNode value = node.required(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + key + "' must be a whole number");
        }
        return value.asLong();
    }
}
