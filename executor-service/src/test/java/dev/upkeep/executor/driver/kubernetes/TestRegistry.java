package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Packs tiny images of a static busybox and pushes them to the registry that the cluster's nodes pull from. */
public final class TestRegistry {
    public static final String ADDRESS = System.getenv().getOrDefault("UPKEEP_TEST_REGISTRY", "127.0.0.1:5000");
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** An image that serves a file {@code version}, which says {@code version}, on port 8080. */
    public Artifact push(String repository, String version, Path directory) throws Exception {
        Path root = Files.createDirectories(directory.resolve(repository + "-" + version));
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("www"));
        Files.createDirectories(root.resolve("tmp"));
        Files.copy(BUSYBOX, root.resolve("bin/busybox"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(root.resolve("www/version"), version);
        Path layer = directory.resolve(repository + "-" + version + ".tar");
        Process tar = new ProcessBuilder(
                        "tar",
                        "-C",
                        root.toString(),
                        "--sort=name",
                        "--mtime=@0",
                        "--owner=0",
                        "--group=0",
                        "-cf",
                        layer.toString(),
                        ".")
                .inheritIO()
                .start();
        if (tar.waitFor() != 0) {
            throw new IOException("tar failed");
        }
        String layerDigest = blob(repository, Files.readAllBytes(layer));
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],\"Cmd\":["
                        + Stream.of("/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www")
                                .map(word -> '"' + word + '"')
                                .collect(Collectors.joining(","))
                        + "]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layerDigest + "\"]}}")
                .getBytes(StandardCharsets.UTF_8);
        String configDigest = blob(repository, config);
        String type = "application/vnd.docker.distribution.manifest.v2+json";
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + type
                        + "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":"
                        + config.length + ",\"digest\":\"" + configDigest
                        + "\"},\"layers\":[{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar\",\"size\":"
                        + Files.size(layer) + ",\"digest\":\"" + layerDigest + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        put("/v2/" + repository + "/manifests/" + version, type, manifest);
        return new Artifact("oci://" + ADDRESS + "/" + repository + ":" + version, new Digest(digest(manifest)));
    }

    private String blob(String repository, byte[] bytes) throws Exception {
        String digest = digest(bytes);
        HttpResponse<Void> begun = http.send(
                HttpRequest.newBuilder(URI.create("http://" + ADDRESS + "/v2/" + repository + "/blobs/uploads/"))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        String location = begun.headers().firstValue("location").orElseThrow();
        String path = location.startsWith("http") ? location.replaceFirst("^https?://[^/]*", "") : location;
        put(path + (path.contains("?") ? "&" : "?") + "digest=" + digest, "application/octet-stream", bytes);
        return digest;
    }

    private void put(String path, String type, byte[] bytes) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://" + ADDRESS + path))
                        .header("Content-Type", type)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    private static String digest(byte[] bytes) throws Exception {
        return "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
