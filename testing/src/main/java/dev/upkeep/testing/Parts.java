package dev.upkeep.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL and the Kafka that the tests of a module run on: one pair for each JVM, started when it is first asked
 * for, and a fresh database for each Quarkus application.
 *
 * <p>In a Quarkus test: {@code @WithTestResource(Parts.class)}, with an argument {@code topics} such as
 * {@code steps:3,results:3} for topics to make first. Elsewhere: {@link #postgres()} and {@link #kafka()}. The system
 * property {@code upkeep.parts} says which pair: {@code embedded} (unless told) or {@code containers}.
 *
 * <p>Ordering: what is shared is kept in system properties, because Quarkus loads this class more than once. Failure:
 * nothing need be stopped; embedded parts end with this JVM, however it ends, and Testcontainers removes its containers.
 */
public final class Parts implements QuarkusTestResourceLifecycleManager {
    private static final String POSTGRES = "upkeep.parts.running.postgres";
    private static final String KAFKA = "upkeep.parts.running.kafka";
    private static final String BETWEEN = "\n";

    // Of all class loaders' copies of this class only these see each other, for literals are interned: one lock for
    // each
    // part, so that the two start side by side. Nobody else may lock on them: with System.getProperties() as a lock,
    // Testcontainers, which clones the properties under a lock of its own, starts neither part for ever.
    private static final Object POSTGRES_LOCK = POSTGRES;
    private static final Object KAFKA_LOCK = KAFKA;

    private Map<String, Integer> topics = Map.of();
    private @Nullable Database database;

    /** The shared PostgreSQL. */
    public static PostgresPart postgres() {
        List<String> words = shared(POSTGRES_LOCK, POSTGRES, () -> {
            PostgresPart started = switch (pair()) {
                case EMBEDDED -> EmbeddedParts.postgres();
                case CONTAINERS -> ContainerParts.postgres();
            };
            return List.of(started.host(), String.valueOf(started.port()), started.user(), started.password());
        });
        return new PostgresPart(words.get(0), Integer.parseInt(words.get(1)), words.get(2), words.get(3));
    }

    /** The shared Kafka. */
    public static KafkaPart kafka() {
        List<String> words = shared(KAFKA_LOCK, KAFKA, () -> {
            KafkaPart started = switch (pair()) {
                case EMBEDDED -> EmbeddedParts.kafka();
                case CONTAINERS -> ContainerParts.kafka();
            };
            return List.of(started.bootstrapServers());
        });
        return new KafkaPart(words.getFirst());
    }

    @Override
    public void init(Map<String, String> arguments) {
        topics = topics(arguments.getOrDefault("topics", ""));
    }

    @Override
    public Map<String, String> start() {
        CompletableFuture<KafkaPart> kafka = CompletableFuture.supplyAsync(Parts::kafka, Thread::startVirtualThread);
        Database fresh = postgres().freshDatabase();
        database = fresh;
        KafkaPart broker = kafka.join();
        if (!topics.isEmpty()) {
            broker.createTopics(topics);
        }
        Map<String, String> settings = new HashMap<>(PlannerKey.settings());
        settings.put("quarkus.datasource.reactive.url", fresh.reactiveUrl());
        settings.put("quarkus.datasource.jdbc.url", fresh.jdbcUrl());
        settings.put("quarkus.datasource.username", fresh.user());
        settings.put("quarkus.datasource.password", fresh.password());
        settings.put("kafka.bootstrap.servers", broker.bootstrapServers());
        settings.put(TrustedKey.SETTING, TrustedKey.location());
        settings.put("quarkus.devservices.enabled", "false");
        return Map.copyOf(settings);
    }

    @Override
    public void stop() {
        // The parts are shared with the applications of later tests.
        database = null;
    }

    @Override
    public void inject(TestInjector injector) {
        if (database != null) {
            injector.injectIntoFields(database, new TestInjector.AnnotatedAndMatchesType(Part.class, Database.class));
        }
        injector.injectIntoFields(postgres(), new TestInjector.AnnotatedAndMatchesType(Part.class, PostgresPart.class));
        injector.injectIntoFields(kafka(), new TestInjector.AnnotatedAndMatchesType(Part.class, KafkaPart.class));
    }

    static Map<String, Integer> topics(String argument) {
        return Arrays.stream(argument.split(","))
                .map(String::strip)
                .filter(topic -> !topic.isEmpty())
                .map(topic -> topic.split(":", 2))
                .collect(Collectors.toMap(
                        topic -> topic[0], topic -> topic.length == 1 ? 1 : Integer.parseInt(topic[1])));
    }

    static List<String> shared(Object lock, String key, Supplier<List<String>> start) {
        synchronized (lock) {
            String running = System.getProperty(key);
            if (running == null) {
                running = String.join(BETWEEN, start.get());
                System.setProperty(key, running);
            }
            return List.of(running.split(BETWEEN));
        }
    }

    private static Pair pair() {
        String wanted = System.getProperty("upkeep.parts", "embedded");
        return switch (wanted) {
            case "embedded" -> Pair.EMBEDDED;
            case "containers" -> Pair.CONTAINERS;
            default ->
                throw new IllegalArgumentException(
                        "upkeep.parts is '" + wanted + "', and should be 'embedded' or 'containers'");
        };
    }

    private enum Pair {
        EMBEDDED,
        CONTAINERS
    }
}
