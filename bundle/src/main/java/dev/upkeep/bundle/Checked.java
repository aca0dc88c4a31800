package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A bundle of which everything is known to be as it was signed, and to be what its release needs: no less, no more.
 *
 * @param statement what was signed
 * @param fingerprint of the statement
 * @param release its release's document
 * @param images by component, in the order of their names; charts in a registry are images, too
 * @param files by component
 * @param manifests the images' indexes and manifests, the parts before the whole
 */
public record Checked(
        Statement statement,
        Digest fingerprint,
        JsonNode release,
        Map<ComponentName, Artifact> images,
        Map<ComponentName, Artifact> files,
        Map<Digest, byte[]> manifests) {

    /** @param documents what was read into memory, by name */
    static Checked of(Statement statement, Digest fingerprint, Map<String, byte[]> documents) throws BundleRefused {
        JsonNode product = Json.canonical(Entry.PRODUCT, document(documents, Entry.PRODUCT));
        JsonNode written = Json.canonical(Entry.RELEASE, document(documents, Entry.RELEASE));
        document(documents, Entry.NOTES);
        document(documents, Entry.SUMS);
        Release release = sound(product, written);
        if (!release.product().equals(statement.product()) || !release.version().equals(statement.version())) {
            throw new BundleRefused(
                    Why.CONTRADICTION,
                    "the statement speaks of " + statement.product() + " " + statement.version()
                            + ", and the release of " + release.product() + " " + release.version(),
                    "make the bundle anew");
        }
        Map<String, Entry> entries = new HashMap<>();
        statement.entries().forEach(entry -> entries.put(entry.name(), entry));
        Set<String> needed = new LinkedHashSet<>(Set.of(Entry.PRODUCT, Entry.RELEASE, Entry.NOTES, Entry.SUMS));
        Map<ComponentName, Artifact> images = new LinkedHashMap<>();
        Map<ComponentName, Artifact> files = new LinkedHashMap<>();
        Map<Digest, byte[]> manifests = new LinkedHashMap<>();
        for (Map.Entry<ComponentName, Artifact> each : sorted(release)) {
            Artifact artifact = each.getValue();
            if (Location.isImage(artifact.location())) {
                location(each.getKey(), artifact);
                images.put(each.getKey(), artifact);
                reach(artifact.digest(), entries, documents, needed, manifests, 0);
            } else {
                files.put(each.getKey(), artifact);
                needed.add(entry(entries, Entry.file(artifact.digest())).name());
            }
        }
        if (!images.isEmpty()) {
            needed.add(entry(entries, Entry.LAYOUT).name());
            needed.add(entry(entries, Entry.INDEX).name());
        }
        for (String name : entries.keySet()) {
            if (!needed.contains(name)) {
                throw new BundleRefused(
                        Why.NEEDLESS, "no artifact of the release needs " + name, "make the bundle anew, without it");
            }
        }
        return new Checked(statement, fingerprint, written, images, files, manifests);
    }

    static List<Map.Entry<ComponentName, Artifact>> sorted(Release release) {
        return release.artifacts().entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getKey().value()))
                .toList();
    }

    /** The release, if the planner would take it: by the same code, and without knowing what is out. */
    static Release sound(JsonNode product, JsonNode release) throws BundleRefused {
        try {
            Product known = ProductDocument.read(product);
            Release read = ReleaseDocument.read(release, known);
            ReleaseDocument.check(release, known, read);
            if (!read.product().equals(known.name())) {
                throw new BundleRefused(
                        Why.CONTRADICTION,
                        "the release is one of " + read.product() + ", and the descriptor is of " + known.name(),
                        "give the descriptor of the release's product");
            }
            return read;
        } catch (Refused refused) {
            throw new BundleRefused(
                    Why.CONTRADICTION,
                    refused.problems().stream()
                            .map(p -> (p.pointer().isEmpty() ? "" : p.pointer() + ": ")
                                    + p.detail()
                                    + (p.rule().isEmpty() ? "" : " [" + p.rule() + "]"))
                            .collect(Collectors.joining("; ")),
                    refused.problems().stream().map(Problem::fix).distinct().collect(Collectors.joining("; ")));
        }
    }

    static Location location(ComponentName component, Artifact artifact) throws BundleRefused {
        return Location.of(artifact.location())
                .orElseThrow(() -> new BundleRefused(
                        Why.CONTRADICTION,
                        "the location of '" + component + "' is no image's: " + artifact.location(),
                        "write it as oci://REGISTRY/REPOSITORY:TAG"));
    }

    private static void reach(
            Digest manifest,
            Map<String, Entry> entries,
            Map<String, byte[]> documents,
            Set<String> needed,
            Map<Digest, byte[]> manifests,
            int depth)
            throws BundleRefused {
        Entry entry = entry(entries, Entry.blob(manifest));
        needed.add(entry.name());
        if (manifests.containsKey(manifest)) {
            return;
        }
        if (!OciManifest.TYPES.contains(entry.mediaType()) || depth > 3) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    entry.name() + " is needed as an image's manifest, and is of the type '" + entry.mediaType() + "'",
                    "make the bundle anew");
        }
        byte[] bytes = document(documents, entry.name());
        for (OciManifest.Part part : OciManifest.read(entry.name(), bytes).parts()) {
            Entry named = entry(entries, Entry.blob(part.digest()));
            if (named.size() != part.size()
                    || (part.isManifest() && !named.mediaType().equals(part.mediaType()))) {
                throw new BundleRefused(
                        Why.CONTRADICTION,
                        entry.name() + " names " + part.digest() + " with another size or type than the statement",
                        "make the bundle anew");
            }
            if (part.isManifest()) {
                reach(part.digest(), entries, documents, needed, manifests, depth + 1);
            } else {
                needed.add(named.name());
            }
        }
        manifests.put(manifest, bytes);
    }

    private static byte[] document(Map<String, byte[]> documents, String name) throws BundleRefused {
        byte[] bytes = documents.get(name);
        if (bytes == null) {
            throw missing(name);
        }
        return bytes;
    }

    private static Entry entry(Map<String, Entry> entries, String name) throws BundleRefused {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw missing(name);
        }
        return entry;
    }

    private static BundleRefused missing(String name) {
        return new BundleRefused(Why.MISSING, name + " is needed and is not in it", "make the bundle anew");
    }

    /** The release's document with other locations, by component; everything else, the digests above all, stays. */
    JsonNode relocated(Map<ComponentName, String> locations) {
        ObjectNode moved = release.deepCopy();
        for (JsonNode artifact : moved.path("artifacts")) {
            String location =
                    locations.get(new ComponentName(artifact.path("component").asText()));
            if (location != null) {
                ((ObjectNode) artifact).put("location", location);
            }
        }
        return moved;
    }

    /** The type of an image's index or manifest. */
    String mediaType(Digest manifest) {
        return statement.entries().stream()
                .filter(entry -> entry.name().equals(Entry.blob(manifest)))
                .map(Entry::mediaType)
                .findFirst()
                .orElseThrow();
    }
}
