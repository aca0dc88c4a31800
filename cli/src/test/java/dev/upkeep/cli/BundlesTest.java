package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release goes from a vendor's machine to a site by the verbs alone. */
class BundlesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private String trust = "";
    private String bundle = "";
    private String release = "";

    @BeforeEach
    void prepare() throws Exception {
        key("ada");
        key("bob");
        bundle = directory.resolve("inkwell.bundle").toString();
        trust = directory.resolve("trust.json").toString();
        byte[] jar = "the program".getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("inkwell-1.1.0.jar"), jar);
        release = Files.writeString(
                        directory.resolve("release.yaml"),
                        "product: inkwell\nversion: 1.1.0\nartifacts: [{component: app, location: \"" + file.toUri()
                                + "\", digest: \"sha256:"
                                + HexFormat.of()
                                        .formatHex(MessageDigest.getInstance("SHA-256")
                                                .digest(jar)) + "\"}]\n")
                .toString();
        assertThat(upkeep(
                        "bundle",
                        "trust",
                        "--product",
                        "inkwell",
                        "--threshold",
                        "2",
                        "--key",
                        path("ada.key.pub"),
                        "--key",
                        path("bob.key.pub"),
                        "--to",
                        trust))
                .as(err.toString())
                .isZero();
    }

    @Test
    void makesSignsLooksAtChecksAndLoadsABundle() throws IOException {
        assertThat(create()).as(err.toString()).isZero();
        assertThat(upkeep("bundle", "verify", bundle, "--trust", trust)).isEqualTo(3);
        assertThat(err.toString()).contains("refused (too-few-signatures): 1 of the 2", "→ have it signed by");

        assertThat(upkeep("bundle", "sign", bundle, "--key", path("bob.key"))).isZero();
        assertThat(upkeep("bundle", "inspect", bundle)).isZero();
        assertThat(out.toString()).startsWith("NOT VERIFIED").contains("version: 1.1.0", "release.json");
        assertThat(upkeep("bundle", "verify", bundle, "--trust", trust))
                .as(err.toString())
                .isZero();
        assertThat(upkeep("bundle", "load", bundle, "--trust", trust, "--directory", path("site"), "-o", "json"))
                .as(err.toString())
                .isZero();

        JsonNode loaded = new ObjectMapper().readTree(out.toString());
        Path published = Path.of(loaded.path("release-file").asText());
        assertThat(published)
                .content()
                .contains(published.resolveSibling("files").toUri().toString());
        assertThat(upkeep(
                        "release",
                        "lint",
                        published.toString(),
                        "--product",
                        loaded.path("product-file").asText()))
                .as(out.toString())
                .isZero();
    }

    @Test
    void keepsToItsExitCodes() throws IOException {
        assertThat(create("--good-for", "PT0S")).isEqualTo(2);
        assertThat(create("--user", "ada")).isEqualTo(2);
        assertThat(create("--user", "ada", "--password", "hunter2")).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("hunter2");
        assertThat(upkeep("bundle", "verify", path("none"), "--trust", trust)).isEqualTo(2);
        assertThat(upkeep(
                        "bundle",
                        "trust",
                        "--product",
                        "inkwell",
                        "--threshold",
                        "1",
                        "--key",
                        path("ada.key.pub"),
                        "--to",
                        trust))
                .isEqualTo(3);

        Files.writeString(
                Path.of(release),
                Files.readString(Path.of(release)).replaceAll("file:[^\"]*", "oci://127.0.0.1:1/inkwell/app:1.1.0"));
        assertThat(create()).isEqualTo(4);
        assertThat(err.toString()).contains("refused (registry-down): registry 127.0.0.1:1, asked 3 times");
    }

    @Test
    void refusesAKeyThatOthersMayReadOrWhosePublicHalfIsAnothers() throws IOException {
        Files.copy(
                Path.of(path("bob.key.pub")),
                Path.of(path("ada.key.pub")),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(create()).isEqualTo(3);
        assertThat(err.toString()).contains("(no-key)", "is not the public half of");

        Files.setPosixFilePermissions(Path.of(path("ada.key")), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(create()).isEqualTo(3);
        assertThat(err.toString()).contains("may be read by others");
    }

    private int create(String... more) {
        String[] all = {
            "bundle",
            "create",
            "-f",
            release,
            "--product",
            "../deploy/products/inkwell.yaml",
            "--key",
            path("ada.key"),
            "--to",
            bundle
        };
        String[] args = java.util.Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, args, all.length, more.length);
        return upkeep(args);
    }

    private void key(String name) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Path secret = Files.writeString(
                directory.resolve(name + ".key"),
                pem("PRIVATE", pair.getPrivate().getEncoded()));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                directory.resolve(name + ".key.pub"),
                pem("PUBLIC", pair.getPublic().getEncoded()));
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + " KEY-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind
                + " KEY-----\n";
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private int upkeep(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Upkeep.execute(new PrintWriter(out), new PrintWriter(err), args);
    }
}
