package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ProductName;
import dev.upkeep.planner.document.Text;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who makes bundles of a small product, with three holders of keys; and what a site trusts of them. */
final class Vendor {
    static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    final Path directory;
    final List<KeyPair> holders = new ArrayList<>();
    private final JsonNode product;

    Vendor(Path directory) throws Exception {
        this.directory = directory;
        for (int i = 0; i < 3; i++) {
            holders.add(KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        }
        product = Text.tree(
                Files.readString(Path.of("../deploy/products/inkwell.yaml")).replace("bumps:\n", """
                                  - {name: worker, driver: manual, after: [app]}
                                  - {name: chart, driver: manual, after: [app]}
                                bumps:
                                """), true);
    }

    SigningKey key(int holder) {
        return new SigningKey(
                holders.get(holder).getPublic(), holders.get(holder).getPrivate());
    }

    /** Trust in the first so many holders. */
    Path trust(int threshold, int holders) throws Exception {
        Map<String, java.security.PublicKey> keys = new TreeMap<>();
        for (int i = 0; i < holders; i++) {
            keys.put(key(i).id(), this.holders.get(i).getPublic());
        }
        Path file = directory.resolve("trust.json");
        new Trust(new ProductName("inkwell"), threshold, keys, Optional.empty()).write(file);
        return file;
    }

    /** The artifact of a version of the app: its bytes are its name. */
    String app(String version) throws Exception {
        Path jar = directory.resolve("inkwell-" + version + ".jar");
        byte[] bytes = ("the program " + version).getBytes(StandardCharsets.UTF_8);
        Files.write(jar, bytes);
        return "{component: app, location: \"" + jar.toUri() + "\", digest: \"" + Sha256.of(bytes) + "\"}";
    }

    Path bundle(String name, String version, long sequence, int... signers) throws Exception {
        return bundle(name, version, sequence, app(version), signers);
    }

    Path bundle(String name, String version, long sequence, String artifacts, int[] signers) throws Exception {
        List<SigningKey> keys = new ArrayList<>();
        for (int signer : signers) {
            keys.add(key(signer));
        }
        Path file = directory.resolve(name);
        Maker.make(order(version, sequence, artifacts), keys, file);
        return file;
    }

    Maker.Order order(String version, long sequence, String artifacts) throws Exception {
        JsonNode release = Text.tree(
                "product: inkwell\nversion: " + version + "\nartifacts: [" + artifacts
                        + "]\nnotes: {added: [Pins], fixed: [Leaves no longer fall]}\n",
                true);
        return new Maker.Order(product, release, sequence, NOW, NOW.plus(Duration.ofDays(30)), Optional.empty());
    }
}
