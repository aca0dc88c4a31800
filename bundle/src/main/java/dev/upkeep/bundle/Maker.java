package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.document.ReleaseDocument;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes bundles: fetches by digest what a release names, and puts it under one statement.
 *
 * <p>Failure: the file appears whole or not at all; what was fetched lies beside it until then, in a directory of its own.
 */
public final class Maker {
    private static final int BUFFER = 1 << 18;
    private static final String OCI_LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";

    private final Order order;
    private final Path work;
    private final Map<String, Registry> registries = new HashMap<>();
    private final Map<String, Entry> manifests = new LinkedHashMap<>();
    private final Map<String, Entry> others = new LinkedHashMap<>();

    private Maker(Order order, Path work) {
        this.order = order;
        this.work = work;
    }

    /**
     * What a bundle is made of.
     *
     * @param product the product's descriptor
     * @param release the release's document
     * @param sequence higher than that of any bundle of this product before
     * @param access for the registry that the images lie in
     */
    public record Order(
            JsonNode product,
            JsonNode release,
            long sequence,
            Instant created,
            Instant expires,
            Optional<Access> access) {}

    /** Makes a bundle and signs it with each of these keys; others may sign it afterwards. */
    public static Bundle.Claims make(Order order, List<SigningKey> keys, Path target)
            throws IOException, BundleRefused, InterruptedException {
        Path work = target.resolveSibling("." + target.getFileName() + ".partial");
        Durably.delete(work);
        Files.createDirectory(work, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            return new Maker(order, work).make(keys, target);
        } finally {
            Durably.delete(work);
        }
    }

    private Bundle.Claims make(List<SigningKey> keys, Path target)
            throws IOException, BundleRefused, InterruptedException {
        JsonNode document = ReleaseDocument.kept(order.release());
        Release release = Checked.sound(order.product(), document);
        oneRegistryForOneAccess(release);
        ArrayNode index = Json.object().arrayNode();
        for (Map.Entry<ComponentName, Artifact> each : Checked.sorted(release)) {
            if (Location.isImage(each.getValue().location())) {
                Location location = Checked.location(each.getKey(), each.getValue());
                Entry root = image(location, each.getValue().digest(), 0);
                index.addObject()
                        .put("mediaType", root.mediaType())
                        .put("digest", root.digest().value())
                        .put("size", root.size())
                        .putObject("annotations")
                        .put("org.opencontainers.image.ref.name", location.repository() + ":" + release.version());
            } else {
                file(each.getKey(), each.getValue());
            }
        }
        Map<String, Entry> all = new LinkedHashMap<>();
        add(all, Entry.RELEASE, Json.bytes(document));
        add(all, Entry.PRODUCT, Json.bytes(order.product()));
        add(all, Entry.NOTES, notes(release).getBytes(StandardCharsets.UTF_8));
        if (!index.isEmpty()) {
            ObjectNode layout = Json.object().put("schemaVersion", 2);
            layout.put("mediaType", "application/vnd.oci.image.index.v1+json");
            layout.set("manifests", index);
            add(all, Entry.LAYOUT, OCI_LAYOUT.getBytes(StandardCharsets.UTF_8));
            add(all, Entry.INDEX, Json.bytes(layout));
        }
        all.putAll(manifests);
        all.putAll(others);
        String sums = all.values().stream()
                .map(entry -> Entry.hex(entry.digest()) + "  " + entry.name() + "\n")
                .collect(Collectors.joining());
        add(all, Entry.SUMS, sums.getBytes(StandardCharsets.UTF_8));
        return write(statement(release, List.copyOf(all.values())), keys, target);
    }

    private Statement statement(Release release, List<Entry> entries) throws BundleRefused {
        try {
            return new Statement(
                    release.product(), release.version(), order.sequence(), order.created(), order.expires(), entries);
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.TOO_LARGE, "no such bundle can be made: " + e.getMessage(), "release in smaller parts", e);
        }
    }

    private Bundle.Claims write(Statement statement, List<SigningKey> keys, Path target)
            throws IOException, BundleRefused {
        Envelope envelope = new Envelope(statement.bytes(), List.of());
        for (SigningKey key : keys) {
            envelope = envelope.signedBy(key);
        }
        Path fresh = work.resolve("bundle");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(fresh), BUFFER)) {
            Bundle.statement(out, envelope);
            for (Entry entry : statement.entries()) {
                try (InputStream in = Files.newInputStream(kept(entry.digest()))) {
                    Tape.write(out, entry.name(), entry.size(), in);
                }
            }
            Tape.end(out);
        }
        Durably.sync(fresh);
        Durably.move(fresh, target);
        return new Bundle.Claims(
                statement, envelope.marks().stream().map(Envelope.Mark::key).toList());
    }

    // ---- what is fetched

    /** The account's password goes to one registry, and to no other that a release may name. */
    private void oneRegistryForOneAccess(Release release) throws BundleRefused {
        Set<String> hosts = new TreeSet<>();
        for (Map.Entry<ComponentName, Artifact> each : Checked.sorted(release)) {
            if (Location.isImage(each.getValue().location())) {
                hosts.add(Checked.location(each.getKey(), each.getValue()).registry());
            }
        }
        if (hosts.size() > 1 && order.access().isPresent()) {
            throw new BundleRefused(
                    Why.FORBIDDEN,
                    "the images lie in several registries: " + String.join(", ", hosts)
                            + "; one account's password is not shown to all of them",
                    "gather the images in one registry, or make the bundle without --user");
        }
        hosts.forEach(host -> registries.put(host, new Registry(host, order.access())));
    }

    private Entry image(Location location, Digest digest, int depth)
            throws IOException, BundleRefused, InterruptedException {
        Entry known = manifests.get(Entry.blob(digest));
        if (known != null) {
            return known;
        }
        Registry registry = registries.get(location.registry());
        if (registry == null || depth > 3) {
            throw new BundleRefused(
                    Why.MALFORMED, location + " is an index of indexes of indexes", "release an image or one index");
        }
        Registry.Fetched fetched = registry.manifest(location.repository(), digest);
        OciManifest manifest = OciManifest.read(location + " (" + digest + ")", fetched.bytes());
        for (OciManifest.Part part : manifest.parts()) {
            if (part.isManifest()) {
                image(location, part.digest(), depth + 1);
            } else if (!others.containsKey(Entry.blob(part.digest()))) {
                Entry entry = entry(Entry.blob(part.digest()), part.digest(), part.size(), "");
                registry.blob(location.repository(), part.digest(), part.size(), kept(part.digest()));
                others.put(entry.name(), entry);
            }
        }
        Files.write(kept(digest), fetched.bytes());
        Entry entry = entry(Entry.blob(digest), digest, fetched.bytes().length, mediaType(location, fetched));
        manifests.put(entry.name(), entry);
        return entry;
    }

    private static String mediaType(Location location, Registry.Fetched fetched) throws BundleRefused {
        String own =
                Json.any(location.toString(), fetched.bytes()).path("mediaType").asText(fetched.mediaType());
        if (!OciManifest.TYPES.contains(own)) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    location + " is of the type '" + own + "'",
                    "give an image or chart by the digest of its OCI or Docker v2 manifest");
        }
        return own;
    }

    private void file(ComponentName component, Artifact artifact)
            throws IOException, BundleRefused, InterruptedException {
        Path to = kept(artifact.digest());
        URI location = uri(component, artifact);
        if ("file".equals(location.getScheme())) {
            copy(component, artifact, location, to);
        } else {
            Download.to(location, artifact.digest(), to);
        }
        Entry entry = entry(Entry.file(artifact.digest()), artifact.digest(), Files.size(to), "");
        others.put(entry.name(), entry);
    }

    private static void copy(ComponentName component, Artifact artifact, URI location, Path to)
            throws BundleRefused, IOException {
        try (InputStream in = Files.newInputStream(Path.of(location));
                OutputStream out = Files.newOutputStream(to)) {
            Sha256.Copied copied = Sha256.copy(in, out, Limits.FILE);
            if (!copied.digest().equals(artifact.digest())) {
                throw new BundleRefused(
                        Why.NOT_FETCHED,
                        "the artifact of '" + component + "' at " + location + " has the digest " + copied.digest()
                                + "; the release says " + artifact.digest(),
                        "put the right file there, or correct the release's digest");
            }
        } catch (java.nio.file.NoSuchFileException | IllegalArgumentException | FileSystemNotFoundException e) {
            throw new BundleRefused(
                    Why.NOT_FETCHED,
                    "the artifact of '" + component + "' is not at " + location,
                    "put it there, or correct the release's location",
                    e);
        }
    }

    private static URI uri(ComponentName component, Artifact artifact) throws BundleRefused {
        try {
            return URI.create(artifact.location());
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.CONTRADICTION,
                    "the location of '" + component + "' is no URL: " + artifact.location(),
                    "write it as file:, http:, https: or oci:",
                    e);
        }
    }

    // ---- what it says

    private static String notes(Release release) {
        StringBuilder text = new StringBuilder("# " + release.product() + " " + release.version() + "\n");
        for (Release.Section section : Release.Section.values()) {
            List<String> lines = release.notes().of(section);
            if (!lines.isEmpty()) {
                text.append("\n## ").append(section.word()).append("\n\n");
                lines.forEach(line ->
                        text.append("- ").append(line.replace("\n", "\n  ")).append('\n'));
            }
        }
        return text.toString();
    }

    private void add(Map<String, Entry> all, String name, byte[] bytes) throws IOException, BundleRefused {
        Digest digest = Sha256.of(bytes);
        Files.write(kept(digest), bytes);
        all.put(name, entry(name, digest, bytes.length, ""));
    }

    private static Entry entry(String name, Digest digest, long size, String mediaType) throws BundleRefused {
        try {
            return new Entry(name, digest, size, mediaType);
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.TOO_LARGE, "no bundle can hold it: " + e.getMessage(), "release in smaller parts", e);
        }
    }

    private Path kept(Digest digest) {
        return work.resolve(Entry.hex(digest));
    }
}
