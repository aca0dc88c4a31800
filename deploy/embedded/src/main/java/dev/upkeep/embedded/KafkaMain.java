package dev.upkeep.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** The program of the Kafka child: formats the log directory if it is new, then serves until it is asked to stop. */
final class KafkaMain {
    // Held for as long as the program runs: the logging system alone would let the level be collected.
    private static final Logger ROOT = Logger.getLogger("");

    private KafkaMain() {}

    /** Takes the path of a server.properties that also names {@code upkeep.cluster.id}. */
    public static void main(String[] arguments) {
        ROOT.setLevel(Level.WARNING);
        try {
            serve(Path.of(arguments[0]));
        } catch (Throwable failed) {
            ROOT.log(Level.SEVERE, "Kafka ended", failed);
            Runtime.getRuntime().exit(1);
        }
    }

    private static void serve(Path file) throws Exception {
        Properties properties = properties(file);
        format(properties);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
        server.startup();
        server.awaitShutdown();
    }

    private static void format(Properties properties) throws Exception {
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
                    .setClusterId(properties.getProperty("upkeep.cluster.id"))
                    .addDirectory(properties.getProperty("log.dirs"))
                    .setMetadataLogDirectory(properties.getProperty("log.dirs"))
                    .setControllerListenerName(properties.getProperty("controller.listener.names"))
                    .setIgnoreFormatted(true)
                    .run();
        }
    }

    private static Properties properties(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }
}
