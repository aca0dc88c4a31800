package dev.upkeep.gate;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * One running gate: the port of the tenant and the port of its keeper.
 *
 * <p>Ordering: it takes its directory and its ports before it reads its position, and answers its keeper before its
 * first caller.
 */
final class GateServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GateServer.class.getName());
    private static final Duration TO_FINISH = Duration.ofSeconds(4);
    private static final int BACKLOG = 512;

    private final HttpServer door;
    private final HttpServer admin;
    private final Gate gate;
    private final FileChannel lock;

    private GateServer(HttpServer door, HttpServer admin, Gate gate, FileChannel lock) {
        this.door = door;
        this.admin = admin;
        this.gate = gate;
        this.lock = lock;
    }

    static GateServer start(Settings settings, InstantSource clock) throws IOException {
        PositionFile file = new PositionFile(settings.state());
        FileChannel lock = lock(settings.state());
        HttpServer admin = null;
        HttpServer door = null;
        try {
            admin = bind("ADMIN", settings.admin());
            door = bind("LISTEN", settings.listen());
            Gate gate = new Gate(file, clock);
            Tally tally = new Tally();
            admin.createContext("/", new Admin(gate, tally));
            door.createContext("/", new Forwarder(gate, tally, settings));
            admin.start();
            door.start();
            return new GateServer(door, admin, gate, lock);
        } catch (IOException | RuntimeException e) {
            stop(door);
            stop(admin);
            lock.close();
            throw e;
        }
    }

    private static void stop(@Nullable HttpServer server) {
        if (server != null) {
            server.stop(0);
        }
    }

    /** Two gates on one directory would each believe in a token of their own. */
    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("gate.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock taken = channel.tryLock();
            if (taken != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Said below.
        }
        channel.close();
        throw new IOException(
                "STATE " + directory + " belongs to another running gate; stop it or name another directory");
    }

    private static HttpServer bind(String name, InetSocketAddress address) throws IOException {
        try {
            HttpServer server = HttpServer.create(address, BACKLOG);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            return server;
        } catch (BindException e) {
            throw new IOException(name + " " + address + " cannot be taken: " + e.getMessage(), e);
        }
    }

    int port() {
        return door.getAddress().getPort();
    }

    int adminPort() {
        return admin.getAddress().getPort();
    }

    @Override
    public void close() {
        try {
            if (!gate.close(TO_FINISH)) {
                LOG.log(System.Logger.Level.WARNING, "stopping although requests are under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        door.stop(0);
        admin.stop(0);
        try {
            lock.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "could not let go of the directory: {0}", e.getMessage());
        }
    }
}
