package dev.upkeep.executor.driver;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes requests, artifacts and free ports for the tests of drivers. */
public final class Ready {
    private Ready() {}

    /** A request for a step of tenant acme from 1.0.0 to 1.1.0. */
    public static StepRequested request(
            long token, Action action, Target target, Map<String, Target> uses, Map<String, String> facts) {
        return new StepRequested(
                new TenantId("acme"),
                new UpgradeId("u-acme"),
                new StepId("u-acme-" + action.word()),
                1,
                new Token(token),
                action,
                new ProductName("inkwell"),
                Version.of("1.0.0"),
                Version.of("1.1.0"),
                target,
                uses,
                List.of(),
                facts,
                Duration.ofSeconds(60));
    }

    public static Target target(
            String component, String driver, Map<String, String> settings, Map<String, Artifact> artifacts) {
        return new Target(new ComponentName(component), new DriverName(driver), settings, artifacts);
    }

    public static Artifact artifact(Path file) throws IOException {
        return new Artifact(file.toUri().toString(), Artifacts.digest(file));
    }

    /** A jar that runs {@link Listener}. */
    public static Path listenerJar(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Listener.class.getName());
        String name = Listener.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest);
                InputStream code = Listener.class.getClassLoader().getResourceAsStream(name)) {
            jar.putNextEntry(new JarEntry(name));
            jar.write(java.util.Objects.requireNonNull(code).readAllBytes());
        }
        return file;
    }

    /** A jar with files, by path. */
    public static Path jar(Path file, Map<String, String> files) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> entry : files.entrySet()) {
                jar.putNextEntry(new JarEntry(entry.getKey()));
                jar.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The failure that carrying it out ends with, however it says so. */
    public static Outcome.Failed failure(Driver driver, StepRequested request, Work work) throws InterruptedException {
        try {
            Outcome outcome = driver.perform(request, work);
            if (outcome instanceof Outcome.Failed failed) {
                return failed;
            }
            throw new AssertionError("did not fail: " + outcome);
        } catch (Refused refused) {
            return refused.failed();
        }
    }
}
