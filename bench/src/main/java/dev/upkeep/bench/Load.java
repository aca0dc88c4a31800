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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * {@code ./upkeep bench --fleet N}: a fleet of N tenants is registered, a release is published and planned for all of
 * them, and why-questions are answered meanwhile; first with a tenth of the fleet, so that the growth shows.
 *
 * <p>Only the planner runs: nothing starts, because the fleet's windows are closed.
 */
final class Load {
    private static final String PRODUCT = "fleet";
    private static final int AT_A_TIME = 16;
    private static final int QUESTIONS = 1_000;
    private static final int ASKING = 4;
    private static final long SEED = 7;

    private final Suite suite;
    private final Api planner;
    private int registered;

    private Load(Suite suite) {
        this.suite = suite;
        this.planner = suite.api(Service.PLANNER);
    }

    /**
     * What a fleet of one size came to.
     *
     * @param entered from the request for the rollout until each tenant had an upgrade, decided, written down and announced
     * @param foretold how long a forecast took, which plans the hops of every tenant and walks all of their calendars
     * @param answers how long each question took while the fleet was entered, in ascending order, nanoseconds
     */
    private record Figures(
            int tenants, Duration register, Duration entered, Duration foretold, long[] answers, long residentMiB) {
        double quantile(double share) {
            return answers[(int) Math.min(answers.length - 1, Math.round(share * answers.length))] / 1e6;
        }
    }

    static void run(Path home, Path state, int tenants) throws Exception {
        try (Suite suite = Suite.of(home, state)
                .only(Service.PLANNER)
                .javaOptions("-XX:+UseSerialGC", "-Xmx512m")
                .telling(System.out::println)
                .start()) {
            Load load = new Load(suite);
            load.prepare();
            Figures small = load.fleet(tenants / 10, "1.0.1");
            Figures whole = load.fleet(tenants, "1.0.2");
            print(small);
            print(whole);
            System.out.printf(
                    "%nTen times the tenants: entering them takes %.1f times as long, a forecast %.1f times, a why-question's"
                            + " p99 %.1f times, memory %.1f times.%n",
                    seconds(whole.entered()) / seconds(small.entered()),
                    seconds(whole.foretold()) / seconds(small.foretold()),
                    whole.quantile(0.99) / small.quantile(0.99),
                    whole.residentMiB() / (double) small.residentMiB());
        }
    }

    private void prepare() throws IOException {
        planner.put("/v1/products/" + PRODUCT, Main.resource("fleet-product.yaml"), "application/yaml");
        for (String version : List.of("1.0.0", "1.0.1", "1.0.2")) {
            planner.put(
                    "/v1/products/" + PRODUCT + "/releases/" + version,
                    Main.resource("bench-release.yaml")
                            .replace("product: bench", "product: " + PRODUCT)
                            .replace("@version@", version),
                    "application/yaml");
        }
    }

    private Figures fleet(int tenants, String version) throws Exception {
        String document = Main.resource("fleet-tenant.yaml");
        int from = registered;
        Duration register = timed(() -> each(
                AT_A_TIME,
                tenants - from,
                i -> planner.put(
                        "/v1/tenants/" + name(from + i),
                        document.replace("@tenant@", name(from + i)).replace("@ring@", ring(from + i)),
                        "application/yaml")));
        registered = tenants;
        long began = System.nanoTime();
        String rollout = planner.post(
                        "/v1/rollouts",
                        new ObjectMapper()
                                .createObjectNode()
                                .put("product", PRODUCT)
                                .put("version", version))
                .path("id")
                .asText();
        FutureTask<Duration> entering = new FutureTask<>(() -> {
            entered(rollout, tenants);
            return Duration.ofNanos(System.nanoTime() - began);
        });
        Thread.ofVirtual().start(entering);
        long[] answers = questions(tenants);
        Duration entered = entering.get();
        Duration foretold = timed(() -> foretell(version, tenants));
        Figures figures = new Figures(tenants, register, entered, foretold, answers, resident());
        planner.post("/v1/rollouts/" + rollout + "/abort", new ObjectMapper().createObjectNode());
        return figures;
    }

    /** Waits until the rollout, which is entered in the order that its list has, has an upgrade for each tenant. */
    private void entered(String rollout, int tenants) throws InterruptedException {
        String cursor = "";
        int seen = 0;
        while (seen < tenants) {
            JsonNode page = planner.get("/v1/rollouts/" + rollout + "/upgrades?limit=200&cursor=" + cursor)
                    .path("items");
            seen += page.size();
            if (page.isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(50);
            } else {
                cursor = page.get(page.size() - 1).path("id").asText();
            }
        }
    }

    private void foretell(String version, int tenants) {
        JsonNode forecast = planner.getSlowly("/v1/products/" + PRODUCT + "/forecast?version=" + version);
        int reckoned = 0;
        for (JsonNode ring : forecast.path("rings")) {
            reckoned += ring.path("tenants").asInt();
        }
        if (reckoned != tenants) {
            throw new IllegalStateException(
                    "the forecast reckons with " + reckoned + " of " + tenants + " tenants: " + forecast);
        }
    }

    private long[] questions(int tenants) throws Exception {
        int[] whom = new Random(SEED).ints(QUESTIONS, 0, tenants).toArray();
        long[] took = new long[QUESTIONS];
        each(ASKING, QUESTIONS, i -> {
            long began = System.nanoTime();
            JsonNode why = planner.get("/v1/tenants/" + name(whom[i]) + "/why");
            took[i] = System.nanoTime() - began;
            if (why.path("blockers").isEmpty()) {
                throw new IllegalStateException("nothing keeps " + name(whom[i]) + " from starting: " + why);
            }
            return why;
        });
        Arrays.sort(took);
        return took;
    }

    private static void each(int atATime, int times, IntFunction<JsonNode> work) throws InterruptedException {
        try (ExecutorService workers = Executors.newFixedThreadPool(atATime)) {
            List<Future<JsonNode>> answers = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                int which = i;
                answers.add(workers.submit(() -> work.apply(which)));
            }
            for (Future<JsonNode> answer : answers) {
                answer.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Duration timed(Work work) throws Exception {
        long began = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** The planner's resident memory, MiB, from /proc. */
    private long resident() throws IOException {
        long pid = suite.pid(Service.PLANNER).orElseThrow();
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private static String name(int i) {
        return "fleet-" + i;
    }

    private static String ring(int i) {
        return i % 100 == 0 ? "canary" : "general";
    }

    private static double seconds(Duration took) {
        return took.toNanos() / 1e9;
    }

    private static void print(Figures f) {
        System.out.printf(
                "%n%,d tenants:%n  registered in %.1f s; a release was planned and announced for all of them in %.1f s (%,.0f /s);"
                        + " a forecast over them took %.1f s%n",
                f.tenants(),
                seconds(f.register()),
                seconds(f.entered()),
                f.tenants() / seconds(f.entered()),
                seconds(f.foretold()));
        System.out.printf(
                "  %,d why-questions meanwhile, %d at a time: p50 %.1f ms, p99 %.1f ms, longest %.1f ms; the planner holds"
                        + " %,d MiB%n",
                QUESTIONS, ASKING, f.quantile(0.5), f.quantile(0.99), f.quantile(1), f.residentMiB());
    }
}
