package dev.upkeep.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.cli.Api;
import dev.upkeep.cli.LocalToken;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.embedded.Child;
import dev.upkeep.embedded.Kafka;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Everything that makes up Upkeep on one machine: two PostgreSQL servers (the services', durable; the scratch server
 * that proves backups, not), Kafka, and the four services, all on 127.0.0.1, all ending with this process.
 *
 * <p>Ordering: PostgreSQL and Kafka start side by side, then the services side by side. Failure: whatever ends by itself
 * is started again on the same port, after a pause that doubles up to ten seconds.
 */
public final class Suite implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final Duration READY = Duration.ofSeconds(240);

    private final Path state;
    private final Postgres postgres;
    private final Postgres scratch;
    private final Kafka kafka;
    private final Map<Service, Running> services;
    private final Signing signing;
    private final List<Supervisor> supervisors;

    private Suite(
            Path state,
            Signing signing,
            Postgres postgres,
            Postgres scratch,
            Kafka kafka,
            Map<Service, Running> services,
            List<Supervisor> supervisors) {
        this.state = state;
        this.signing = signing;
        this.postgres = postgres;
        this.scratch = scratch;
        this.kafka = kafka;
        this.services = services;
        this.supervisors = supervisors;
    }

    /** A suite of the programs built below {@code home} whose state is kept in {@code state}. */
    public static Setup of(Path home, Path state) {
        return new Setup(home.toAbsolutePath(), state.toAbsolutePath());
    }

    /** The URL of a service's REST. */
    public String url(Service service) {
        return "http://" + Port.HOST + ":" + running(service).port;
    }

    /** A service's REST, called with the token of whoever runs this suite. */
    public Api api(Service service) {
        return new Api(url(service), LocalToken.of(state, TheClock.system()));
    }

    /** The broker's address. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** The PostgreSQL of the services. */
    public Postgres postgres() {
        return postgres;
    }

    /** The process id of a service; empty while it is not running. */
    public OptionalLong pid(Service service) {
        return running(service).pid();
    }

    /** The process ids of everything it runs, by name. */
    public Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        services.forEach((service, running) -> running.pid().ifPresent(pid -> pids.put(service.word(), pid)));
        postgres.pid().ifPresent(pid -> pids.put("postgresql", pid));
        scratch.pid().ifPresent(pid -> pids.put("postgresql (scratch)", pid));
        kafka.pid().ifPresent(pid -> pids.put("kafka", pid));
        return pids;
    }

    /** The directory of a service's log and everything else that is kept. */
    public Path state() {
        return state;
    }

    private Running running(Service service) {
        Running running = services.get(service);
        if (running == null) {
            throw new IllegalArgumentException("the " + service.word() + " is not part of this suite");
        }
        return running;
    }

    /** Stops the services, then what they stand on; the state stays. */
    @Override
    public void close() {
        signing.close();
        supervisors.forEach(Supervisor::stop);
        services.values().forEach(Running::askToStop);
        services.values().forEach(Running::close);
        kafka.askToStop();
        scratch.askToStop();
        postgres.askToStop();
        kafka.close();
        scratch.close();
        postgres.close();
    }

    /** How a suite is to be run. */
    public static final class Setup {
        private final Path home;
        private final Path state;
        private final Map<Service, Map<String, String>> environments = new EnumMap<>(Service.class);
        private List<Service> wanted = List.of(Service.values());
        private List<String> javaOptions =
                List.of("-XX:+UseSerialGC", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError");
        private Consumer<String> tell = line -> {};
        private BooleanSupplier givenUp = () -> false;

        private Setup(Path home, Path state) {
            this.home = home;
            this.state = state;
        }

        /** Gives a service one more variable. */
        public Setup environment(Service service, String key, String value) {
            environments.computeIfAbsent(service, s -> new TreeMap<>()).put(key, value);
            return this;
        }

        /** Runs only these services. */
        public Setup only(Service... services) {
            wanted = List.of(services);
            return this;
        }

        /** Runs the services' JVMs with these options instead of the small ones. */
        public Setup javaOptions(String... options) {
            javaOptions = List.of(options);
            return this;
        }

        /** Where lines for a person go, such as that a part was started again. */
        public Setup telling(Consumer<String> listener) {
            tell = listener;
            return this;
        }

        /** Breaks a start off when this becomes true. */
        public Setup givingUpWhen(BooleanSupplier condition) {
            givenUp = condition;
            return this;
        }

        /** Starts it all and returns when every service is ready. */
        public Suite start() {
            List<AutoCloseable> started = new ArrayList<>();
            try {
                return start(started);
            } catch (RuntimeException failed) {
                for (AutoCloseable part : started.reversed()) {
                    try {
                        part.close();
                    } catch (Exception alsoFailed) {
                        failed.addSuppressed(alsoFailed);
                    }
                }
                throw failed;
            }
        }

        private Suite start(List<AutoCloseable> started) {
            makeDirectories();
            for (Service service : wanted) {
                Child.stopLeftovers(state, List.of(service.jar(home).toString()));
            }
            Signing signing = keep(started, Signing.start(state, TheClock.system(), tell));
            StepsKey stepsKey = StepsKey.at(state.resolve("secrets").resolve("steps.key"));
            Path backupKey = state.resolve("secrets").resolve("backup.key");
            Secret.at(backupKey, Secret::sealKey);
            Kafka.Setup broker = Kafka.at(state.resolve("kafka")).topic(Topic.DEAD_LETTERS, PARTITIONS);
            for (Topic topic : Topic.values()) {
                broker.topic(topic.address(), PARTITIONS);
            }
            CompletableFuture<Kafka> kafka = async(() -> keep(started, broker.start()));
            CompletableFuture<Postgres> scratch = async(
                    () -> keep(started, Postgres.at(state.resolve("scratch")).start()));
            CompletableFuture<Postgres> control = async(() -> keep(
                    started,
                    databases(Postgres.at(state.resolve("postgresql")).durable().start())));
            Kafka runningKafka = join(kafka, control, scratch);
            Postgres runningControl = control.join();
            Postgres runningScratch = scratch.join();

            Properties ports = ports();
            Map<Service, Running> services = new EnumMap<>(Service.class);
            for (Service service : wanted) {
                int port = Integer.parseInt(ports.getProperty(service.word()));
                Child.Order order = Child.named(service.word(), log(service))
                        .in(state)
                        .pidFile(state.resolve("run").resolve(service.word() + ".pid"))
                        .environment("QUARKUS_HTTP_HOST", Port.HOST)
                        .environment("QUARKUS_HTTP_PORT", Integer.toString(port))
                        .environment("QUARKUS_DATASOURCE_REACTIVE_URL", runningControl.reactiveUrl(service.word()))
                        .environment("QUARKUS_DATASOURCE_JDBC_URL", runningControl.jdbcUrl(service.word()))
                        .environment("QUARKUS_DATASOURCE_USERNAME", service.word())
                        .environment("QUARKUS_DATASOURCE_PASSWORD", secret(service.word()))
                        .environment("KAFKA_BOOTSTRAP_SERVERS", runningKafka.bootstrapServers())
                        .environment("MP_JWT_VERIFY_PUBLICKEY_LOCATION", signing.location());
                if (service == Service.PLANNER) {
                    order.environment("UPKEEP_STEPS_KEY", stepsKey.file().toString());
                }
                if (service == Service.EXECUTOR) {
                    order.environment(
                                    "UPKEEP_STEPS_TRUSTED_KEYS",
                                    stepsKey.publicFile().toString())
                            // Apart from the dumps: a copy of their directory is of no use to anybody.
                            .environment("UPKEEP_EXECUTOR_BACKUP_KEYS", "file:" + backupKey)
                            .environment("UPKEEP_EXECUTOR_SCRATCH_URL", runningScratch.jdbcUrl("postgres"))
                            .environment("UPKEEP_EXECUTOR_SCRATCH_USER", runningScratch.user())
                            .environment("UPKEEP_EXECUTOR_SCRATCH_PASSWORD", runningScratch.password())
                            .environment(
                                    "UPKEEP_EXECUTOR_BACKUPS",
                                    state.resolve("backups").toString())
                            .environment(
                                    "UPKEEP_EXECUTOR_REPORTS",
                                    state.resolve("reports").toString());
                }
                environments.getOrDefault(service, Map.of()).forEach(order::environment);
                Running running = new Running(service, port, order, command(service));
                started.add(running);
                services.put(service, running);
            }
            List<Supervisor> supervisors = supervisors(runningControl, runningScratch, runningKafka, services);
            services.values().forEach(Running::start);
            supervisors.forEach(supervisor -> {
                started.add(supervisor::stop);
                supervisor.start();
            });
            services.values().forEach(running -> running.awaitReady(READY, givenUp));
            Suite suite =
                    new Suite(state, signing, runningControl, runningScratch, runningKafka, services, supervisors);
            suite.writeEndpoints();
            return suite;
        }

        private List<Supervisor> supervisors(
                Postgres control, Postgres scratch, Kafka kafka, Map<Service, Running> services) {
            List<Supervisor> supervisors = new ArrayList<>();
            supervisors.add(new Supervisor(Parts.of("the services' PostgreSQL", control), tell));
            supervisors.add(new Supervisor(Parts.of("the scratch PostgreSQL", scratch), tell));
            supervisors.add(new Supervisor(Parts.of(kafka), tell));
            services.values().forEach(running -> supervisors.add(new Supervisor(running, tell)));
            return List.copyOf(supervisors);
        }

        private List<String> command(Service service) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(javaOptions);
            command.add("-jar");
            command.add(service.jar(home).toString());
            return command;
        }

        private Path log(Service service) {
            return state.resolve("log").resolve(service.word() + ".log");
        }

        private void makeDirectories() {
            try {
                for (String directory : List.of("log", "run", "backups", "reports")) {
                    Files.createDirectories(state.resolve(directory));
                }
                Path secrets = state.resolve("secrets");
                if (!Files.isDirectory(secrets)) {
                    Files.createDirectory(
                            secrets,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                }
            } catch (IOException e) {
                throw new LocalFailure(
                        "can't make directories below " + state + " (" + e + ")",
                        "free some disk space, or name another directory",
                        e);
            }
        }

        private Postgres databases(Postgres server) {
            try {
                for (Service service : Service.values()) {
                    server.createDatabase(service.word(), service.word(), secret(service.word()));
                }
                return server;
            } catch (SQLException e) {
                server.close();
                throw new LocalFailure(
                        "can't make the services' databases: " + e.getMessage(),
                        "see whether its disk is full (df -h " + state + "); more is in " + server.log(),
                        e);
            }
        }

        private String secret(String name) {
            return Secret.at(state.resolve("secrets").resolve(name));
        }

        /** The ports are kept, so that what a person has written down goes on working after a restart. */
        private Properties ports() {
            Path file = state.resolve("run").resolve("ports.properties");
            Properties ports = new Properties();
            try {
                if (Files.exists(file)) {
                    try (var in = Files.newInputStream(file)) {
                        ports.load(in);
                    }
                }
                for (Service service : Service.values()) {
                    String before = ports.getProperty(service.word());
                    if (before == null || !Port.isFree(Integer.parseInt(before))) {
                        ports.setProperty(service.word(), Integer.toString(Port.free()));
                    }
                }
                try (var out = Files.newOutputStream(file)) {
                    ports.store(out, "The services' ports");
                }
                return ports;
            } catch (IOException e) {
                throw new LocalFailure(
                        "can't keep the ports in " + file + ": " + e.getMessage(), "free some disk space", e);
            }
        }

        private static synchronized <T extends AutoCloseable> T keep(List<AutoCloseable> started, T part) {
            started.add(part);
            return part;
        }

        private static <T> CompletableFuture<T> async(Supplier<T> start) {
            return CompletableFuture.supplyAsync(start, Thread::startVirtualThread);
        }

        /** Waits for all, so that none is still starting when the first failure is thrown. */
        private static <T> T join(CompletableFuture<T> first, CompletableFuture<?>... others) {
            try {
                CompletableFuture.allOf(others).join();
                return first.join();
            } catch (CompletionException e) {
                first.exceptionally(alsoFailed -> null).join();
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
    }

    private void writeEndpoints() {
        ObjectNode endpoints = new ObjectMapper().createObjectNode();
        services.keySet().forEach(service -> endpoints.put(service.word(), url(service)));
        Path file = state.resolve("endpoints.json");
        try {
            Files.writeString(file, endpoints.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new LocalFailure("can't write " + file + ": " + e.getMessage(), "free some disk space", e);
        }
    }
}
