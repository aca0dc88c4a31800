package dev.upkeep.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The sample product as the build left it: a descriptor, and for each version a program and a manifest. */
record Sample(Path home) {
    static final String PRODUCT = "inkwell";
    static final List<String> VERSIONS = List.of("1.0.0", "1.1.0", "1.2.0");

    Sample {
        for (String version : VERSIONS) {
            Path jar = jar(home, version);
            if (!Files.isRegularFile(jar)) {
                throw new LocalFailure("the sample product is not built: " + jar + " is missing", "run ./upkeep build");
            }
        }
    }

    String descriptor() {
        return text(home.resolve("deploy/products/" + PRODUCT + ".yaml"));
    }

    String manifest(String version) {
        return text(releases(home).resolve(PRODUCT + "-" + version + ".yaml"));
    }

    Path jar(String version) {
        return jar(home, version);
    }

    Path gate() {
        Path jar = home.resolve("deploy/gate/target/upkeep-gate.jar");
        if (!Files.isRegularFile(jar)) {
            throw new LocalFailure("the gate is not built: " + jar + " is missing", "run ./upkeep build");
        }
        return jar;
    }

    /** The name of the first ring's release order, as the descriptor has it. */
    List<String> rings() {
        try {
            return new ObjectMapper(new YAMLFactory())
                    .readTree(descriptor())
                    .path("rings")
                    .findValuesAsText("name");
        } catch (IOException e) {
            throw new LocalFailure("the sample's descriptor can't be read: " + e.getMessage(), "restore it", e);
        }
    }

    private static Path jar(Path home, String version) {
        return releases(home).resolve(PRODUCT + "-" + version + ".jar");
    }

    private static Path releases(Path home) {
        return home.resolve("deploy/sample/target/releases");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new LocalFailure("can't read " + file + ": " + e.getMessage(), "run ./upkeep build", e);
        }
    }
}
