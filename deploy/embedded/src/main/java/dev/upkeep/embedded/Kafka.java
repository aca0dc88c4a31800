package dev.upkeep.embedded;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker in KRaft mode as a child JVM on 127.0.0.1.
 *
 * <p>Ordering: the state directory is locked, what a killed owner left there is stopped, the broker is started, answers
 * an admin client and has its topics; only then does {@link Setup#start()} return. Failure: every way not to start is a
 * {@link StartFailure}. The broker stops when its owner closes it or ends in any way.
 */
public final class Kafka implements AutoCloseable {
    private static final String PART = "Kafka";
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final StateDirectory state;
    private final IntFunction<Child> serve;
    private final int port;
    private volatile Child child;
    private boolean closed;

    private Kafka(StateDirectory state, IntFunction<Child> serve, Child child, int port) {
        this.state = state;
        this.serve = serve;
        this.child = child;
        this.port = port;
    }

    /** A broker whose state is kept in this directory, and found there again by the next start. */
    public static Setup at(Path directory) {
        return new Setup(directory);
    }

    /** A broker whose state is thrown away when it has stopped. */
    public static Setup temporary() {
        return new Setup(null);
    }

    /** Where it listens, on {@link Port#HOST}. */
    public int port() {
        return port;
    }

    /** What clients take as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return Port.HOST + ":" + port;
    }

    /** What it wrote. */
    public Path log() {
        return child.log();
    }

    /** The process id of the broker. */
    public OptionalLong pid() {
        return child.pid();
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return child.isAlive();
    }

    /** Waits so long for its end, and says whether that came. */
    public boolean ended(Duration within) {
        return child.ended(within);
    }

    /**
     * Starts it once more on its port, after it ended and nobody had asked it to: what it had written is there again.
     * Does nothing once it is closed. Only for one whose state is kept.
     *
     * @throws StartFailure if it does not start; it may be tried again
     */
    public synchronized void startAgain() {
        if (!closed) {
            child = serve.apply(port);
        }
    }

    /** Makes the topics, each with so many partitions, as far as they are not there. */
    public void createTopics(Map<String, Integer> partitionsByTopic) {
        createTopics(bootstrapServers(), partitionsByTopic, Duration.ofSeconds(30));
    }

    /** Asks it to stop without waiting for its end. */
    public void askToStop() {
        child.askToStop();
    }

    /** Stops it, its logs written out. */
    @Override
    public synchronized void close() {
        closed = true;
        child.close();
        state.close();
    }

    private static void createTopics(String servers, Map<String, Integer> partitionsByTopic, Duration within) {
        if (partitionsByTopic.isEmpty()) {
            return;
        }
        List<NewTopic> topics = new ArrayList<>();
        partitionsByTopic.forEach((topic, partitions) -> topics.add(new NewTopic(topic, partitions, (short) 1)));
        try (Admin admin = admin(servers, within)) {
            for (KafkaFuture<Void> made : admin.createTopics(topics).values().values()) {
                try {
                    made.get(within.toMillis(), TimeUnit.MILLISECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw new IllegalStateException("Kafka did not make the topics " + partitionsByTopic, e);
                    }
                }
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka did not make the topics " + partitionsByTopic + " in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while making the topics " + partitionsByTopic, e);
        }
    }

    private static Admin admin(String servers, Duration timeout) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) timeout.toMillis(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeout.toMillis()));
    }

    /** How a broker is to be run. */
    public static final class Setup {
        private final @Nullable Path directory;
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final Map<String, Integer> topics = new LinkedHashMap<>();
        private int wantedPort;
        private String classPath = System.getProperty("java.class.path");
        private Path javaHome = Path.of(System.getProperty("java.home"));
        private Duration deadline = Duration.ofSeconds(120);

        private Setup(@Nullable Path directory) {
            this.directory = directory;
        }

        /** Listens on this port; 0, as it is unless told, for the port it had before or any free one. */
        public Setup port(int number) {
            this.wantedPort = number;
            return this;
        }

        /** Makes this topic at the start, unless it is there. */
        public Setup topic(String name, int partitions) {
            topics.put(name, partitions);
            return this;
        }

        /** Any other setting of the broker, for example {@code auto.create.topics.enable}. */
        public Setup setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** Where the child finds Kafka and this class; the class path of this JVM unless told. */
        public Setup classPath(String path) {
            this.classPath = path;
            return this;
        }

        /** The JDK the child runs on; the one of this JVM unless told. */
        public Setup javaHome(Path home) {
            this.javaHome = home;
            return this;
        }

        /** How long it may take to get ready; 120 seconds unless told. */
        public Setup deadline(Duration untilReady) {
            this.deadline = untilReady;
            return this;
        }

        /** Starts it and returns when it answers an admin client and has its topics. */
        public Kafka start() {
            StateDirectory state = StateDirectory.open(PART, directory);
            try {
                return start(state);
            } catch (RuntimeException failed) {
                state.close();
                discard(state);
                throw failed;
            }
        }

        private Kafka start(StateDirectory state) {
            Path config = state.resolve("server.properties");
            List<String> program = List.of(KafkaMain.class.getName(), config.toString());
            // Before any port is looked at: what is left over still holds the one it had.
            Leftovers.stop(Leftovers.startedWith(program), "TERM", GRACE);
            IntFunction<Child> serve = port -> {
                try {
                    return serve(state, config, program, port);
                } catch (IOException e) {
                    throw StartFailure.fromFiles(PART, state.path(), e);
                }
            };
            return Port.tryPorts(wantedPort, state.number("port"), PART, port -> {
                Child child = serve.apply(port);
                state.remember("port", String.valueOf(port));
                return new Kafka(state, serve, child, port);
            });
        }

        private Child serve(StateDirectory state, Path config, List<String> program, int port) throws IOException {
            String cluster =
                    state.fact("cluster").orElseGet(() -> Uuid.randomUuid().toString());
            state.remember("cluster", cluster);
            int controllerPort = Port.chosen(state.number("controllerPort"));
            Properties properties = properties(state, cluster, port, controllerPort);
            try (Writer out = Files.newBufferedWriter(config)) {
                properties.store(out, "Written anew at each start.");
            }
            Child.Order order = Child.named(PART, state.resolve("kafka.log"))
                    .in(state.path())
                    .pidFile(state.resolve("kafka.pid"))
                    .stopsOn("TERM", GRACE);
            if (state.isTemporary()) {
                order.deletes(state.path());
            }
            Child child = order.start(command(state, program));
            try {
                awaitReady(child, port);
                createTopics(Port.HOST + ":" + port, topics, deadline);
            } catch (RuntimeException failed) {
                child.close();
                throw failed;
            }
            state.remember("controllerPort", String.valueOf(controllerPort));
            return child;
        }

        private Properties properties(StateDirectory state, String cluster, int port, int controllerPort) {
            String broker = "PLAINTEXT://" + Port.HOST + ":" + port;
            Properties all = new Properties();
            all.putAll(Map.of(
                    "upkeep.cluster.id",
                    cluster,
                    "process.roles",
                    "broker,controller",
                    "node.id",
                    "1",
                    "controller.quorum.voters",
                    "1@" + Port.HOST + ":" + controllerPort,
                    "controller.listener.names",
                    "CONTROLLER",
                    "listener.security.protocol.map",
                    "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                    "listeners",
                    broker + ",CONTROLLER://" + Port.HOST + ":" + controllerPort,
                    "advertised.listeners",
                    broker,
                    "inter.broker.listener.name",
                    "PLAINTEXT",
                    "log.dirs",
                    state.resolve("log").toString()));
            // One broker keeps one copy of everything.
            for (String internal : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
                all.setProperty(internal + ".replication.factor", "1");
                all.setProperty(internal + ".num.partitions", "1");
            }
            all.setProperty("transaction.state.log.min.isr", "1");
            all.setProperty("share.coordinator.state.topic.min.isr", "1");
            // A consumer group of one or two members gains nothing by waiting three seconds for more of them.
            all.setProperty("group.initial.rebalance.delay.ms", "0");
            // Sized for 192 MB of heap; the defaults take 128 MB for the cleaner alone.
            all.setProperty("log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20));
            all.setProperty("num.network.threads", "2");
            all.setProperty("num.io.threads", "4");
            all.setProperty("background.threads", "2");
            all.putAll(settings);
            return all;
        }

        private List<String> command(StateDirectory state, List<String> program) throws IOException {
            // In a file, because the class path of a test run is longer than the kernel allows one argument to be.
            Path arguments = state.resolve("java.arguments");
            Files.writeString(
                    arguments,
                    "-cp \"" + absolute(classPath).replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n");
            List<String> command = new ArrayList<>();
            command.add(javaHome.resolve("bin/java").toString());
            command.addAll(
                    List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx192m", "-XX:+ExitOnOutOfMemoryError"));
            // Nobody reads what goes through SLF4J: no word about a missing provider, which hides the last words.
            command.add("-Dslf4j.internal.verbosity=ERROR");
            command.add("@" + arguments);
            command.addAll(program);
            return command;
        }

        // The child works in its state directory, so that a path relative to ours would lead nowhere.
        private static String absolute(String classPath) {
            return Arrays.stream(classPath.split(File.pathSeparator))
                    .map(entry -> Path.of(entry).toAbsolutePath().toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }

        private void awaitReady(Child child, int port) {
            long end = System.nanoTime() + deadline.toNanos();
            while (System.nanoTime() < end) {
                if (child.ended(Duration.ofMillis(100))) {
                    throw StartFailure.fromLastWords(PART, child.lastWords(), child.log(), port);
                }
                if (accepts(port) && answers(port)) {
                    return;
                }
            }
            throw new StartFailure(
                    StartFailure.Kind.TOO_SLOW,
                    PART + " was not ready after " + deadline.toSeconds() + " s; it said:\n" + child.lastWords(),
                    "read " + child.log() + "; on a busy machine allow it a longer deadline");
        }

        // Asked first because an admin client that finds nobody logs a warning for every try.
        private static boolean accepts(int port) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(Port.loopback(), port), 1_000);
                return true;
            } catch (IOException notYet) {
                return false;
            }
        }

        private static boolean answers(int port) {
            try (Admin admin = admin(Port.HOST + ":" + port, Duration.ofSeconds(5))) {
                return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
            } catch (ExecutionException | TimeoutException notYet) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for Kafka", e);
            }
        }

        private static void discard(StateDirectory state) {
            if (state.isTemporary()) {
                try {
                    PostgresBinaries.delete(state.path());
                } catch (IOException left) {
                    // The failure that is about to be thrown matters more than a directory left in the temporary one.
                    return;
                }
            }
        }
    }
}
