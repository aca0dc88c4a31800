package dev.upkeep.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;

/** TCP ports on 127.0.0.1: finds a free one, and says by name when a wanted one is taken. */
public final class Port {
    /** The only address the embedded parts listen on. */
    public static final String HOST = "127.0.0.1";

    // Below Linux' range for outgoing connections (32768 up), so that no client socket takes a port
    // between the moment it was found free and the moment the part binds it, or while a part restarts.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 29_999;
    private static final int TRIES = 1_000;
    private static final int SERVING_TRIES = 3;

    private Port() {}

    /** A port on 127.0.0.1 that nobody listens on now. */
    public static int free() {
        for (int tried = 0; tried < TRIES; tried++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST + 1);
            if (isFree(port)) {
                return port;
            }
        }
        throw new StartFailure(
                StartFailure.Kind.PORT_TAKEN,
                "no free port was found between " + LOWEST + " and " + HIGHEST + " on " + HOST,
                "stop some of the programs that listen there: `ss -ltnp` lists them");
    }

    /** Whether something could listen on this port of 127.0.0.1 now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the parts do: a connection that lingers in TIME_WAIT does not make a port taken.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(loopback(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /** Passes the port on if it is free, and otherwise fails with its number and what to do. */
    public static int require(int port, String part) {
        if (!isFree(port)) {
            throw taken(port, part);
        }
        return port;
    }

    static StartFailure taken(int port, String part) {
        return new StartFailure(
                StartFailure.Kind.PORT_TAKEN,
                "port " + port + " on " + HOST + ", which " + part + " should listen on, is taken",
                "stop the program that listens there (`ss -ltnp 'sport = :" + port
                        + "'` names it), or choose another port, or 0 for any free one");
    }

    /**
     * Serves on the wanted port, which must be free; or, where 0 is wanted, on the one the part had before or else any free
     * one. A remembered port is a convenience for whoever wrote it down, so its loss is no failure; and a port that went
     * to somebody else between its choice and its use is replaced, a few times over.
     */
    static <T> T tryPorts(int wanted, int remembered, String part, IntFunction<T> serve) {
        if (wanted != 0) {
            return serve.apply(require(wanted, part));
        }
        int port = chosen(remembered);
        for (int tried = 1; ; tried++) {
            try {
                return serve.apply(port);
            } catch (StartFailure failure) {
                if (failure.kind() != StartFailure.Kind.PORT_TAKEN || tried == SERVING_TRIES) {
                    throw failure;
                }
                port = free();
            }
        }
    }

    /** The remembered port if it is free, and any free one otherwise. */
    static int chosen(int remembered) {
        return remembered != 0 && isFree(remembered) ? remembered : free();
    }

    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException impossible) {
            throw new AssertionError("four bytes are an IPv4 address", impossible);
        }
    }
}
