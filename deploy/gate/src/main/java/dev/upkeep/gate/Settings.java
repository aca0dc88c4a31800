package dev.upkeep.gate;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the gate is told by its environment, or by arguments of the form NAME=value.
 *
 * @param timeout how long the tenant may take to begin its answer; a whole exchange may take twice as long
 */
record Settings(InetSocketAddress listen, URI upstream, InetSocketAddress admin, Path state, Duration timeout) {
    Settings {
        if (!admin.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "ADMIN is " + admin + "; it may only be a loopback address such as 127.0.0.1:9000");
        }
        if (!"http".equals(upstream.getScheme())
                || upstream.getHost() == null
                || !upstream.getPath().isEmpty()) {
            throw new IllegalArgumentException(
                    "UPSTREAM is " + upstream + "; give a URL without a path such as http://127.0.0.1:8080");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("TIMEOUT is " + timeout.toSeconds() + "; give seconds above 0");
        }
    }

    static Settings from(Map<String, String> environment, String... arguments) {
        Map<String, String> settings = new HashMap<>(environment);
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "argument " + argument + " is not of the form NAME=value, such as LISTEN=127.0.0.1:8000");
            }
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return new Settings(
                address("LISTEN", settings.get("LISTEN")),
                upstream(settings.get("UPSTREAM")),
                address("ADMIN", settings.get("ADMIN")),
                Path.of(required("STATE", settings.get("STATE"))),
                Duration.ofSeconds(seconds(settings.getOrDefault("TIMEOUT", "30"))));
    }

    private static String required(String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is not set; the gate needs it");
        }
        return value.strip();
    }

    private static InetSocketAddress address(String name, @Nullable String value) {
        String text = required(name, value);
        int colon = text.lastIndexOf(':');
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(text.substring(0, Math.max(colon, 0))),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " is " + text + "; give host:port such as 127.0.0.1:8000", e);
        }
    }

    private static URI upstream(@Nullable String value) {
        String text = required("UPSTREAM", value);
        return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    private static long seconds(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("TIMEOUT is " + text + "; give whole seconds such as 30", e);
        }
    }
}
