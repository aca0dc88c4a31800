package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a site trusts for one product: which keys, how many of them, and how far it has come.
 *
 * <p>Ordering: {@code seen} only grows. It lies in the same file as the keys, so that whoever loses it loses the trust with
 * it and can load nothing, in place of being open to every older bundle.
 *
 * @param keys by their names
 * @param seen the newest bundle that was loaded; none before the first
 */
public record Trust(ProductName product, int threshold, Map<String, PublicKey> keys, Optional<Seen> seen) {
    private static final String MAKE =
            "make it with `upkeep bundle trust`, from public keys that you got by another way";

    public Trust {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(seen, "seen");
        keys = Map.copyOf(keys);
        keys.forEach((id, key) -> {
            if (!id.equals(SigningKey.id(key))) {
                throw new IllegalArgumentException("key " + id + " is called " + SigningKey.id(key));
            }
        });
        if (threshold < 1 || threshold > keys.size()) {
            throw new IllegalArgumentException("a threshold of " + threshold + " for " + keys.size()
                    + " keys; it is at least 1 and at most as many as there are keys");
        }
    }

    /** A bundle that was loaded. */
    public record Seen(long sequence, Version version, Digest statement, Instant at) {
        public Seen {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(statement, "statement");
            Objects.requireNonNull(at, "at");
        }
    }

    /** A trust in keys from their PEM files, before anything was loaded. */
    public static Trust of(ProductName product, int threshold, List<Path> files) throws BundleRefused {
        Map<String, PublicKey> keys = new TreeMap<>();
        for (Path file : files) {
            PublicKey key = SigningKey.publicKey(file);
            if (keys.put(SigningKey.id(key), key) != null) {
                throw new BundleRefused(
                        Why.NO_TRUST,
                        file + " is a key that was given already: it would count for two",
                        "give each holder's key once");
            }
        }
        try {
            return new Trust(product, threshold, keys, Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.NO_TRUST, Objects.requireNonNull(e.getMessage()), "give --threshold K of N --key");
        }
    }

    /** Reads a trust file. */
    public static Trust read(Path file) throws BundleRefused {
        try {
            return read(Json.any(file.toString(), Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw new BundleRefused(Why.NO_TRUST, file + " does not exist", MAKE, e);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | java.time.DateTimeException e) {
            throw new BundleRefused(Why.NO_TRUST, file + " can't be used: " + e.getMessage(), MAKE, e);
        }
    }

    private static Trust read(JsonNode tree) throws GeneralSecurityException {
        Set<String> known = new HashSet<>(Set.of("product", "threshold", "keys", "seen"));
        tree.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("unknown key '" + key + "'");
            }
        });
        Map<String, PublicKey> keys = new TreeMap<>();
        for (Map.Entry<String, JsonNode> key : tree.required("keys").properties()) {
            keys.put(
                    key.getKey(),
                    SigningKey.publicKey(
                            Base64.getDecoder().decode(key.getValue().asText())));
        }
        JsonNode seen = tree.path("seen");
        return new Trust(
                new ProductName(tree.required("product").asText()),
                tree.required("threshold").asInt(),
                keys,
                seen.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Seen(
                                seen.required("sequence").asLong(),
                                Version.of(seen.required("version").asText()),
                                new Digest(seen.required("statement").asText()),
                                Instant.parse(seen.required("at").asText()))));
    }

    /** Writes it so that a crash leaves either the old file or the new one. */
    public void write(Path file) throws IOException {
        ObjectNode tree = Json.object();
        tree.put("product", product.value()).put("threshold", threshold);
        ObjectNode written = tree.putObject("keys");
        keys.forEach((id, key) -> written.put(id, Base64.getEncoder().encodeToString(key.getEncoded())));
        seen.ifPresent(s -> tree.putObject("seen")
                .put("sequence", s.sequence())
                .put("version", s.version().toString())
                .put("statement", s.statement().value())
                .put("at", s.at().toString()));
        Durably.write(file, Json.bytes(tree));
    }

    /** The trust of somebody who has loaded this bundle. */
    Trust having(Statement statement, Digest fingerprint, Instant now) {
        return new Trust(
                product,
                threshold,
                keys,
                Optional.of(new Seen(statement.sequence(), statement.version(), fingerprint, later(now))));
    }

    /**
     * The statement, once enough keys that are trusted have signed it, and it is neither too old nor older than what was
     * loaded before.
     */
    Statement judge(Envelope envelope, Instant now) throws BundleRefused {
        signed(envelope);
        Statement statement = Statement.read(envelope.payload());
        if (!statement.product().equals(product)) {
            throw new BundleRefused(
                    Why.OTHER_PRODUCT,
                    "it is a bundle of " + statement.product() + ", and this trust is for " + product,
                    "give the trust file of " + statement.product());
        }
        Instant then = later(now);
        if (!then.isBefore(statement.expires())) {
            throw new BundleRefused(
                    Why.EXPIRED,
                    "it was good until " + statement.expires() + ", and it is " + then,
                    "have a newer bundle brought; of the same release, if there is no newer one");
        }
        if (seen.isPresent()) {
            follows(statement, envelope.fingerprint(), seen.get());
        }
        return statement;
    }

    private void signed(Envelope envelope) throws BundleRefused {
        Set<String> counted = new HashSet<>();
        List<String> unknown = new ArrayList<>();
        Set<String> all = new HashSet<>();
        byte[] signed = envelope.signed();
        for (Envelope.Mark mark : envelope.marks()) {
            if (!all.add(mark.key())) {
                throw new BundleRefused(
                        Why.REPEATED_SIGNATURE,
                        "key " + mark.key() + " has signed twice",
                        "have each holder sign once; two signatures of one are one");
            }
            PublicKey key = keys.get(mark.key());
            if (key == null) {
                unknown.add(mark.key());
            } else if (!mark.isBy(key, signed)) {
                throw new BundleRefused(
                        Why.BAD_SIGNATURE,
                        "the signature of key " + mark.key() + " is not over this statement",
                        "take the bundle again from where it was made: this one was changed");
            } else {
                counted.add(mark.key());
            }
        }
        if (counted.size() < threshold) {
            boolean strangers = counted.isEmpty() && !unknown.isEmpty();
            throw new BundleRefused(
                    strangers ? Why.UNKNOWN_KEY : Why.TOO_FEW_SIGNATURES,
                    counted.size() + " of the " + threshold + " signatures that are needed"
                            + (unknown.isEmpty() ? "" : "; not trusted here: " + String.join(", ", unknown)),
                    "have it signed by holders of " + keys.keySet() + ": `upkeep bundle sign`");
        }
    }

    private static void follows(Statement statement, Digest fingerprint, Seen seen) throws BundleRefused {
        if (statement.sequence() < seen.sequence()) {
            throw new BundleRefused(
                    Why.OLDER,
                    "its sequence is " + statement.sequence() + ", and " + seen.sequence() + " was loaded at "
                            + seen.at(),
                    "to go back to an older release, have a new bundle of it made and signed");
        }
        if (statement.sequence() == seen.sequence() && !fingerprint.equals(seen.statement())) {
            throw new BundleRefused(
                    Why.TWO_OF_ONE_SEQUENCE,
                    "another bundle of sequence " + seen.sequence() + " was loaded at " + seen.at(),
                    "ask the signers which of the two they meant, and have a new one made");
        }
    }

    /** A clock that was set back does not bring expired bundles back. */
    private Instant later(Instant now) {
        return seen.map(Seen::at).filter(now::isBefore).orElse(now);
    }

    /** Keeps others from loading by the same trust file meanwhile. */
    static Hold hold(Path file) throws IOException, BundleRefused {
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel::close;
            }
        } catch (java.nio.channels.OverlappingFileLockException heldInThisProcess) {
            // Falls through to the refusal.
        }
        channel.close();
        throw new BundleRefused(
                Why.IN_THE_WAY, "another load holds " + lock, "wait until it has ended, and load again");
    }

    /** A hold on the trust file; closing it lets go. */
    interface Hold {
        void close() throws IOException;
    }
}
