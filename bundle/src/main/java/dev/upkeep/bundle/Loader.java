package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Brings a bundle into a site: its images into the site's registry, its files and documents into a directory.
 *
 * <p>Ordering: everything is checked before anything is pushed; images come before their tags; that the bundle was loaded is
 * on the disk before its directory appears, so that no older one can follow it.
 *
 * <p>Failure: whatever ends it, the same bundle can be loaded again, and goes on where it ended: what the registry has by
 * digest is not pushed twice. Until the directory appears, the bundle is not loaded.
 */
public final class Loader {
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Request request;
    private final Optional<Registry> registry;
    private int pushed;
    private int found;

    private Loader(Request request) {
        this.request = request;
        this.registry = request.registry().map(host -> new Registry(host, request.access()));
    }

    /**
     * What is loaded, by whose word, and to where.
     *
     * @param registry the site's, as {@code HOST:PORT}; needed only if the bundle has images
     * @param directory in which the bundle gets one of its own
     */
    public record Request(
            Path bundle, Path trust, Optional<String> registry, Optional<Access> access, Path directory) {}

    /**
     * A bundle that is there.
     *
     * @param place its directory, with {@code release.json} to publish
     * @param pushed how many layers, configurations and manifests the registry got
     * @param found how many of them it had
     */
    public record Loaded(Checked bundle, Path place, int pushed, int found) {
        /** The descriptor's file. */
        public Path product() {
            return place.resolve(Entry.PRODUCT);
        }

        /** The file of the release with the site's locations. */
        public Path release() {
            return place.resolve(Entry.RELEASE);
        }
    }

    /** Loads a bundle. */
    public static Loaded load(Request request, Instant now) throws IOException, BundleRefused, InterruptedException {
        Trust.Hold hold = Trust.hold(request.trust());
        try {
            Trust trust = Trust.read(request.trust());
            Files.createDirectories(request.directory());
            Path staging = request.directory().resolve("." + trust.product() + ".partial");
            Durably.delete(staging);
            try {
                return new Loader(request).load(trust, staging, now);
            } finally {
                Durably.delete(staging);
            }
        } finally {
            hold.close();
        }
    }

    private Loaded load(Trust trust, Path staging, Instant now)
            throws IOException, BundleRefused, InterruptedException {
        Path unpacked = staging.resolve("unpacked");
        Checked checked = Bundle.read(request.bundle(), trust, now, entry -> unpack(unpacked, entry));
        Statement statement = checked.statement();
        Path place = request.directory()
                .toRealPath()
                .resolve(statement.product() + "-" + statement.version() + "-" + statement.sequence());
        Path assembled = assemble(checked, unpacked, staging.resolve("assembled"), place);
        boolean there = Files.exists(place);
        if (there && !contents(place).equals(contents(assembled))) {
            throw new BundleRefused(
                    Why.IN_THE_WAY,
                    place + " is there, and is not what this bundle would put there",
                    "move it away, or give another --directory");
        }
        push(checked, unpacked);
        trust.having(statement, checked.fingerprint(), now).write(request.trust());
        if (!there) {
            Durably.move(assembled, place);
        }
        return new Loaded(checked, place, pushed, found);
    }

    // ---- files

    private static OutputStream unpack(Path unpacked, Entry entry) throws IOException {
        Path file = unpacked.resolve(entry.name());
        Files.createDirectories(file.resolveSibling(""), OWNERS);
        return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Lays out what people and the planner get: the documents, and each file under its component and its own name. */
    private Path assemble(Checked checked, Path unpacked, Path to, Path place) throws IOException, BundleRefused {
        Files.createDirectories(to, OWNERS);
        Map<ComponentName, String> locations = new HashMap<>();
        for (Map.Entry<ComponentName, Artifact> file : checked.files().entrySet()) {
            String name = "files/" + file.getKey() + "/" + name(file.getValue().location());
            Path copy = to.resolve(name);
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(unpacked.resolve(Entry.file(file.getValue().digest())), copy);
            locations.put(file.getKey(), place.resolve(name).toUri().toString());
        }
        for (Map.Entry<ComponentName, Artifact> image : checked.images().entrySet()) {
            String host = request.registry()
                    .orElseThrow(() -> new BundleRefused(
                            Why.MISSING,
                            "the bundle has images, and no registry is named",
                            "give --registry HOST:PORT"));
            locations.put(
                    image.getKey(),
                    Checked.location(image.getKey(), image.getValue())
                            .at(host)
                            .naming(image.getValue().digest())
                            .toString());
        }
        JsonNode release = checked.relocated(locations);
        Files.copy(unpacked.resolve(Entry.PRODUCT), to.resolve(Entry.PRODUCT));
        Files.copy(unpacked.resolve(Entry.NOTES), to.resolve(Entry.NOTES));
        Files.write(to.resolve(Entry.RELEASE), Json.bytes(release));
        Checked.sound(Json.any(Entry.PRODUCT, Files.readAllBytes(to.resolve(Entry.PRODUCT))), release);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Path path : walk(to)) {
            Durably.sync(path);
        }
        return to;
    }

    /** The last part of a location, if it is a plain name. */
    private static String name(String location) {
        String path = Optional.ofNullable(URI.create(location).getPath()).orElse("");
        String last = path.substring(path.lastIndexOf('/') + 1);
        return last.matches("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}") ? last : "artifact";
    }

    private static Map<String, Digest> contents(Path directory) throws IOException {
        Map<String, Digest> contents = new HashMap<>();
        for (Path file : walk(directory)) {
            if (Files.isRegularFile(file)) {
                contents.put(directory.relativize(file).toString(), Sha256.of(file));
            }
        }
        return contents;
    }

    private static List<Path> walk(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.toList();
        }
    }

    // ---- images

    private void push(Checked checked, Path unpacked) throws IOException, BundleRefused, InterruptedException {
        if (registry.isEmpty()) {
            return;
        }
        for (Map.Entry<ComponentName, Artifact> image : checked.images().entrySet()) {
            tagIsFree(registry.get(), Checked.location(image.getKey(), image.getValue()), image.getValue());
        }
        for (Map.Entry<ComponentName, Artifact> image : checked.images().entrySet()) {
            Location location = Checked.location(image.getKey(), image.getValue());
            Digest digest = image.getValue().digest();
            push(registry.get(), checked, unpacked, location.repository(), digest);
            if (!location.tag().isEmpty()) {
                registry.get()
                        .push(
                                location.repository(),
                                location.tag(),
                                checked.mediaType(digest),
                                manifest(checked, digest));
            }
        }
    }

    /** What a tag of the site's names is not changed: a tenant may run it. */
    private static void tagIsFree(Registry registry, Location location, Artifact image)
            throws BundleRefused, InterruptedException {
        if (location.tag().isEmpty()) {
            return;
        }
        Optional<Digest> there = registry.manifestAt(location.repository(), location.tag());
        if (there.isPresent() && !there.get().equals(image.digest())) {
            throw new BundleRefused(
                    Why.TAG_TAKEN,
                    "the registry has " + there.get() + " as " + location.repository() + ":" + location.tag()
                            + "; the release brings " + image.digest(),
                    "find out who put it there; delete the tag if nothing runs by it");
        }
    }

    private void push(Registry to, Checked checked, Path unpacked, String repository, Digest digest)
            throws IOException, BundleRefused, InterruptedException {
        if (to.manifestAt(repository, digest.value()).isPresent()) {
            found++;
            return;
        }
        byte[] bytes = manifest(checked, digest);
        for (OciManifest.Part part : OciManifest.read(digest.value(), bytes).parts()) {
            if (part.isManifest()) {
                push(to, checked, unpacked, repository, part.digest());
            } else if (to.push(repository, part.digest(), unpacked.resolve(Entry.blob(part.digest())))) {
                pushed++;
            } else {
                found++;
            }
        }
        to.push(repository, digest.value(), checked.mediaType(digest), bytes);
        pushed++;
    }

    private static byte[] manifest(Checked checked, Digest digest) {
        byte[] bytes = checked.manifests().get(digest);
        if (bytes == null) {
            throw new IllegalStateException("a checked bundle has all its manifests: " + digest);
        }
        return bytes;
    }
}
