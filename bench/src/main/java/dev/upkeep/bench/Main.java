package dev.upkeep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.cli.Api;
import dev.upkeep.local.Service;
import dev.upkeep.local.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code ./upkeep bench}: tenants × 6 durable no-op steps through the real planner, Kafka and executor, and a plain
 * loop on the same PostgreSQL and Kafka, in one run; prints both rates, what each costs, and their ratio.
 */
public final class Main {
    private static final int STEPS = 6;
    private static final int AT_A_TIME = 16;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final String PRODUCT = "bench";

    private final Suite suite;
    private final Api planner;

    private Main(Suite suite) {
        this.suite = suite;
        this.planner = suite.api(Service.PLANNER);
    }

    /** Runs with {@code [TENANTS [DIRECTORY]]}, 1,000 tenants unless told, or {@code --fleet [TENANTS]}, then 100,000. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("--fleet")) {
            Path home = Path.of(System.getProperty("upkeep.home", "")).toAbsolutePath();
            Path state = home.resolve(".upkeep").resolve("bench");
            empty(state);
            Load.run(home, state, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000);
            System.exit(0);
        }
        int tenants = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
        Path home = Path.of(System.getProperty("upkeep.home", "")).toAbsolutePath();
        Path state = arguments.length > 1
                ? Path.of(arguments[1])
                : home.resolve(".upkeep").resolve("bench");
        empty(state);
        try (Suite suite = Suite.of(home, state)
                .only(Service.PLANNER, Service.EXECUTOR)
                .javaOptions("-XX:+UseSerialGC", "-Xmx512m")
                .telling(System.out::println)
                .start()) {
            new Main(suite).run(tenants);
        }
        System.exit(0);
    }

    private void run(int tenants) throws Exception {
        System.out.printf("Registering %,d tenants …%n", tenants);
        register(tenants);
        Rate steps;
        try (StandInVerifier verifier = new StandInVerifier(suite.bootstrapServers())) {
            verifier.start();
            // Once for the JITs and the caches, once to be counted.
            rollOut("1.0.1", tenants);
            steps = rollOut("1.0.2", tenants);
        }
        PlainLoop loop = new PlainLoop(
                suite.bootstrapServers(),
                suite.postgres().jdbcUrl("planner"),
                suite.postgres().user(),
                suite.postgres().password());
        loop.run(tenants * STEPS, this::cpu);
        Rate plain = loop.run(tenants * STEPS * 5, this::cpu);
        print(tenants, steps, plain);
    }

    /** The suite's processes; in the plain loop the loop itself is in this JVM, which counts itself. */
    private Map<String, Long> cpu() {
        Map<String, Long> used = new TreeMap<>(Cpu.of(suite.pids()));
        used.put("bench", Cpu.self());
        return used;
    }

    private void register(int tenants) throws InterruptedException, IOException {
        planner.put("/v1/products/" + PRODUCT, resource("bench-product.yaml"), "application/yaml");
        for (String version : List.of("1.0.0", "1.0.1", "1.0.2")) {
            planner.put(
                    "/v1/products/" + PRODUCT + "/releases/" + version,
                    resource("bench-release.yaml").replace("@version@", version),
                    "application/yaml");
        }
        String tenant = resource("bench-tenant.yaml");
        try (ExecutorService each = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<JsonNode>> answers = new ArrayList<>();
            for (int i = 0; i < tenants; i++) {
                String name = "bench-" + i;
                answers.add(each.submit(() ->
                        planner.put("/v1/tenants/" + name, tenant.replace("@tenant@", name), "application/yaml")));
            }
            for (Future<JsonNode> answer : answers) {
                answer.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private Rate rollOut(String version, int tenants) throws InterruptedException {
        Map<String, Long> before = cpu();
        long began = System.nanoTime();
        planner.post(
                "/v1/rollouts",
                new ObjectMapper().createObjectNode().put("product", PRODUCT).put("version", version));
        long deadline = began + LONGEST.toNanos();
        while (System.nanoTime() < deadline) {
            // The list has the latest first and names no tenants: asking costs next to nothing.
            JsonNode rollout = planner.get("/v1/rollouts?limit=1").path("items").path(0);
            String state = rollout.path("state").asText();
            if (state.equals("finished")) {
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                return new Rate((long) tenants * STEPS, took, Cpu.between(before, cpu()));
            }
            if (!state.equals("running")) {
                throw new IllegalStateException("the rollout of " + version + " is " + state + ": "
                        + rollout.path("reason").asText());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IllegalStateException("the rollout of " + version + " has not ended after " + LONGEST);
    }

    private static void print(int tenants, Rate steps, Rate plain) {
        System.out.printf(
                "%n%,d tenants × %d durable no-op steps, through planner, Kafka and executor, fsync on:%n",
                tenants, STEPS);
        print("steps", steps);
        System.out.printf("%nA plain loop (consume, commit, produce, by poll batch) on the same parts:%n");
        print("records", plain);
        System.out.printf(
                "%nA step is %.1f %% of the loop's rate (1 : %.1f) and costs %.1f times its CPU.%n",
                100 * steps.perSecond() / plain.perSecond(),
                plain.perSecond() / steps.perSecond(),
                steps.cpuMillisEach() / plain.cpuMillisEach());
        System.out.println(
                "A step is two such loops (the executor's over the request, the planner's over the result), each with an"
                        + " inbox, state and outbox to write and a relay to send it.");
    }

    private static void print(String what, Rate rate) {
        System.out.printf(
                "  %,d %s in %.2f s: %,.0f /s, %.3f CPU-ms each%n",
                rate.done(), what, rate.took().toMillis() / 1000.0, rate.perSecond(), rate.cpuMillisEach());
        rate.cpuMillis().forEach((process, millis) -> System.out.printf("    %-24s %,8d CPU-ms%n", process, millis));
    }

    static String resource(String name) throws IOException {
        try (var in = Main.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the build");
            }
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static void empty(Path state) throws IOException {
        if (Files.exists(state)) {
            try (Stream<Path> below = Files.walk(state)) {
                for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
