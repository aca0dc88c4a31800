package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An image's index or manifest, as far as it names what else belongs to the image. */
record OciManifest(List<Part> parts) {
    /** The types that are understood; nothing else is asked for, carried, or pushed. */
    static final Set<String> TYPES = Set.of(
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    OciManifest {
        parts = List.copyOf(parts);
    }

    /** A manifest of another platform, a configuration or a layer. */
    record Part(String mediaType, Digest digest, long size) {
        boolean isManifest() {
            return TYPES.contains(mediaType);
        }
    }

    static OciManifest read(String what, byte[] bytes) throws BundleRefused {
        JsonNode tree = Json.any(what, bytes);
        List<Part> parts = new ArrayList<>();
        try {
            boolean index = tree.has("manifests");
            if (index == tree.has("layers")) {
                throw new IllegalArgumentException("it has neither or both of manifests and layers");
            }
            if (!index) {
                parts.add(part(tree.required("config"), false));
            }
            for (JsonNode part : tree.required(index ? "manifests" : "layers")) {
                parts.add(part(part, index));
            }
            return new OciManifest(parts);
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    what + " is no image's manifest: " + e.getMessage(),
                    "give an image or chart by the digest of its OCI or Docker v2 manifest");
        }
    }

    private static Part part(JsonNode node, boolean manifest) {
        Part part = new Part(
                node.required("mediaType").asText(),
                new Digest(node.required("digest").asText()),
                node.required("size").asLong(-1));
        if (part.size() < 0 || part.isManifest() != manifest) {
            throw new IllegalArgumentException(part.digest() + " is of the type " + part.mediaType() + ", with "
                    + part.size() + " bytes, where a " + (manifest ? "manifest" : "layer or configuration")
                    + " is named");
        }
        return part;
    }
}
