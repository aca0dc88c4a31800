package dev.upkeep.bundle;

import dev.upkeep.contract.Digest;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One file of a bundle, as its statement names it.
 *
 * @param name where it lies in the bundle; only the places that a bundle has
 * @param size in bytes
 * @param mediaType of an image's index or manifest; empty for any other file
 */
public record Entry(String name, Digest digest, long size, String mediaType) {
    static final String RELEASE = "release.json";
    static final String PRODUCT = "product.json";
    static final String NOTES = "notes.md";
    static final String SUMS = "SHA256SUMS";
    static final String LAYOUT = "oci/oci-layout";
    static final String INDEX = "oci/index.json";
    static final String BLOBS = "oci/blobs/sha256/";
    static final String FILES = "files/sha256/";

    private static final Pattern PLACES =
            Pattern.compile("release\\.json|product\\.json|notes\\.md|SHA256SUMS|oci/oci-layout|oci/index\\.json"
                    + "|(?:oci/blobs|files)/sha256/[0-9a-f]{64}");

    public Entry {
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(mediaType, "mediaType");
        if (!PLACES.matcher(name).matches()) {
            throw new IllegalArgumentException("no bundle has a file '" + name + "'");
        }
        if (name.contains("/sha256/") && !name.endsWith("/" + hex(digest))) {
            throw new IllegalArgumentException("'" + name + "' is not called by its digest " + digest);
        }
        if (size < 0 || size > Limits.FILE) {
            throw new IllegalArgumentException("'" + name + "' can't have " + size + " bytes");
        }
        if (inMemory(name, mediaType) && size > Limits.DOCUMENT) {
            throw new IllegalArgumentException(
                    "'" + name + "' has " + size + " bytes; a document or manifest has at most " + Limits.DOCUMENT);
        }
    }

    static String hex(Digest digest) {
        return digest.value().substring("sha256:".length());
    }

    static String blob(Digest digest) {
        return BLOBS + hex(digest);
    }

    static String file(Digest digest) {
        return FILES + hex(digest);
    }

    /** Whether it is read into memory to be understood. */
    boolean inMemory() {
        return inMemory(name, mediaType);
    }

    private static boolean inMemory(String name, String mediaType) {
        return !name.contains("/sha256/") || (name.startsWith(BLOBS) && !mediaType.isEmpty());
    }
}
