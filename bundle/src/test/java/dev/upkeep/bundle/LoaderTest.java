package dev.upkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images go from a vendor's registry into a bundle and from there into a site's, both real, and stay what they are. */
@Timeout(120)
class LoaderTest {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private static SiteRegistry theirs;
    private static SiteRegistry ours;
    private static int number;

    @TempDir
    Path directory;

    private Vendor vendor;
    private Path trust;
    /** A repository of this test's own: the registries are all tests'. */
    private String name;

    @BeforeAll
    static void startRegistries(@TempDir Path directory) throws Exception {
        theirs = SiteRegistry.start(directory.resolve("vendor"));
        ours = SiteRegistry.start(directory.resolve("site"));
    }

    @AfterAll
    static void stopRegistries() throws Exception {
        for (SiteRegistry registry : new SiteRegistry[] {theirs, ours}) {
            if (registry != null) {
                registry.close();
            }
        }
    }

    @BeforeEach
    void prepare() throws Exception {
        vendor = new Vendor(directory);
        trust = vendor.trust(1, 1);
        name = "inkwell/worker" + ++number;
    }

    @Test
    void bringsAnImageOfTwoPlatformsFromRegistryToRegistryByDigest() throws Exception {
        Digest index = index(image("amd64"), image("arm64"));
        Path bundle = bundle("a.bundle", "1.1.0", 1, index);

        Loader.Loaded loaded = load(bundle);

        assertThat(ours.client.manifestAt(name, index.value())).contains(index);
        assertThat(ours.client.manifestAt(name, "1.1.0")).contains(index);
        Registry.Fetched fetched = ours.client.manifest(name, index);
        for (OciManifest.Part part : OciManifest.read("it", fetched.bytes()).parts()) {
            for (OciManifest.Part blob : OciManifest.read(
                            "it", ours.client.manifest(name, part.digest()).bytes())
                    .parts()) {
                ours.client.blob(name, blob.digest(), blob.size(), directory.resolve("fetched"));
            }
        }
        assertThat(loaded.pushed()).isEqualTo(2 * 3 + 1);
        JsonNode release = Json.any("it", Files.readAllBytes(loaded.place().resolve("release.json")));
        assertThat(release.at("/artifacts/0/location").asText())
                .isEqualTo("oci://" + ours.host + "/" + name + ":1.1.0");
        assertThat(release.at("/artifacts/0/digest").asText()).isEqualTo(index.value());
    }

    @Test
    void pushesNothingTwice() throws Exception {
        Path bundle = bundle("a.bundle", "1.1.0", 1, image("amd64"));
        load(bundle);

        Loader.Loaded again = load(bundle);

        assertThat(again.pushed()).isZero();
        assertThat(again.found()).isPositive();
    }

    @Test
    void goesOnAfterARegistryThatFailedMidway() throws Exception {
        Path bundle = bundle("a.bundle", "1.1.0", 1, image("amd64"));
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        HttpServer broken = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        broken.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod());
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("HEAD") ? 404 : 503, -1);
            exchange.close();
        });
        broken.start();
        try {
            String host = "127.0.0.1:" + broken.getAddress().getPort();
            assertThat(refused(request(bundle, host))).isEqualTo(Why.REGISTRY_DOWN);
            assertThat(asked.stream().filter("POST"::equals)).hasSize(3);
        } finally {
            broken.stop(0);
        }
        assertThat(directory.resolve("site")).isEmptyDirectory();
        assertThat(Trust.read(trust).seen()).isEmpty();

        assertThat(load(bundle).pushed()).isEqualTo(3);
    }

    @Test
    void leavesATagAloneThatNamesAnotherImage() throws Exception {
        Digest first = image("amd64");
        load(bundle("a.bundle", "1.1.0", 1, first));
        Digest second = image("riscv64");

        Path other = bundle("b.bundle", "1.1.0", 2, second);

        assertThat(refused(request(other, ours.host))).isEqualTo(Why.TAG_TAKEN);
        assertThat(ours.client.manifestAt(name, "1.1.0")).contains(first);
        assertThat(ours.client.manifestAt(name, second.value())).isEmpty();
        assertThat(Trust.read(trust).seen().orElseThrow().sequence()).isEqualTo(1);
    }

    @Test
    void pushesNothingOfABundleThatIsRefused() throws Exception {
        Digest image = image("amd64");
        Path bundle = bundle("a.bundle", "1.1.0", 1, image);
        byte[] bytes = Files.readAllBytes(bundle);
        bytes[bytes.length - 1025 - 512] ^= 1;
        Files.write(bundle, bytes);

        assertThat(refused(request(bundle, ours.host))).isIn(Why.WRONG_DIGEST, Why.MALFORMED);

        assertThat(ours.client.manifestAt(name, image.value())).isEmpty();
        assertThat(directory.resolve("site")).isEmptyDirectory();
    }

    @Test
    void asksForARegistryWhereThereAreImages() throws Exception {
        Path bundle = bundle("a.bundle", "1.1.0", 1, image("amd64"));

        assertThat(refused(new Loader.Request(
                        bundle, trust, Optional.empty(), Optional.empty(), directory.resolve("site"))))
                .isEqualTo(Why.MISSING);
    }

    @Test
    void makesNoBundleOfAnImageThatTheRegistryDoesNotHave() throws Exception {
        Digest absent = Sha256.of("nowhere".getBytes(StandardCharsets.UTF_8));

        BundleRefused refused = catchThrowableOfType(BundleRefused.class, () -> bundle("a.bundle", "1.1.0", 1, absent));

        assertThat(refused.why()).isEqualTo(Why.NOT_FETCHED);
        assertThat(directory.resolve("a.bundle")).doesNotExist();
    }

    @Test
    void asksWithTheAccountsNameAndPasswordAndSaysWhoIsRefused() throws Exception {
        List<String> shown = Collections.synchronizedList(new ArrayList<>());
        HttpServer guarded = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        guarded.createContext("/", exchange -> {
            String by = exchange.getRequestHeaders().getFirst("Authorization");
            shown.add(String.valueOf(by));
            boolean may = new Access("ada", "right").basic().equals(by);
            if (!may) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"here\"");
            }
            exchange.sendResponseHeaders(may ? 404 : 401, -1);
            exchange.close();
        });
        guarded.start();
        try {
            String host = "127.0.0.1:" + guarded.getAddress().getPort();
            Registry right = new Registry(host, Optional.of(new Access("ada", "right")));
            assertThat(right.manifestAt("a/b", "1.0.0")).isEmpty();
            assertThat(shown).containsExactly("null", new Access("ada", "right").basic());

            BundleRefused refused = catchThrowableOfType(
                    BundleRefused.class,
                    () -> new Registry(host, Optional.of(new Access("ada", "wrong"))).manifestAt("a/b", "1.0.0"));
            assertThat(refused.why()).isEqualTo(Why.FORBIDDEN);
            assertThat(refused).hasMessageContaining("by ada").hasMessageNotContaining("wrong");
        } finally {
            guarded.stop(0);
        }
    }

    // ---- images, by hand

    private Path bundle(String file, String version, long sequence, Digest image) throws Exception {
        return vendor.bundle(
                file,
                version,
                sequence,
                "{component: worker, location: \"oci://" + theirs.host + "/" + name + ":" + version + "\", digest: \""
                        + image + "\"}",
                new int[] {0});
    }

    private Loader.Request request(Path bundle, String host) {
        return new Loader.Request(bundle, trust, Optional.of(host), Optional.empty(), directory.resolve("site"));
    }

    private Loader.Loaded load(Path bundle) throws Exception {
        return Loader.load(request(bundle, ours.host), Vendor.NOW);
    }

    private static Why refused(Loader.Request request) {
        return catchThrowableOfType(BundleRefused.class, () -> Loader.load(request, Vendor.NOW))
                .why();
    }

    private Digest image(String architecture) throws Exception {
        byte[] config = ("{\"architecture\":\"" + architecture
                        + "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] layer = Tape.header("bin-" + architecture, 0);
        ObjectNode manifest = manifest(put(config), config.length);
        ((ArrayNode) manifest.get("layers")).add(descriptor(LAYER, put(layer), layer.length));
        return push(MANIFEST, manifest);
    }

    private Digest index(Digest... images) throws Exception {
        ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", INDEX);
        ArrayNode manifests = index.putArray("manifests");
        for (Digest image : images) {
            manifests.add(descriptor(
                    MANIFEST, image, theirs.client.manifest(name, image).bytes().length));
        }
        return push(INDEX, index);
    }

    private static ObjectNode manifest(Digest config, long size) {
        ObjectNode manifest = Json.object().put("schemaVersion", 2).put("mediaType", MANIFEST);
        manifest.set("config", descriptor("application/vnd.oci.image.config.v1+json", config, size));
        manifest.putArray("layers");
        return manifest;
    }

    private static ObjectNode descriptor(String type, Digest digest, long size) {
        return Json.object()
                .put("mediaType", type)
                .put("digest", digest.value())
                .put("size", size);
    }

    private Digest put(byte[] bytes) throws IOException, BundleRefused, InterruptedException {
        Digest digest = Sha256.of(bytes);
        theirs.client.push(name, digest, Files.write(directory.resolve("blob"), bytes));
        return digest;
    }

    private Digest push(String type, JsonNode tree) throws Exception {
        byte[] bytes = Json.bytes(tree);
        Digest digest = Sha256.of(bytes);
        theirs.client.push(name, digest.value(), type, bytes);
        return digest;
    }
}
