package dev.upkeep.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * Stands in for an OpenBao or a Vault, of which no package can be had on CI: speaks that part of their HTTP API which
 * reads secrets, as documented: key-value stores of both versions with deleted and destroyed versions, the mounts'
 * preflight, tokens with policies, AppRole and Kubernetes logins, sealing, namespaces. It keeps no leases and has no TLS.
 */
public final class VaultDouble implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFLIGHT = "sys/internal/ui/mounts/";

    private final HttpServer server;
    private final Map<String, Integer> mounts = new TreeMap<>();
    private final Map<String, List<Version>> secrets = new HashMap<>();
    /** By token the mounts and paths, as {@code mount/path}, that it may read. */
    private final Map<String, List<String>> policies = new HashMap<>();

    private final Map<String, Login> logins = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private Optional<String> namespace = Optional.empty();
    private boolean sealed;
    private int troubles;
    private int trouble;
    private int tokens;

    private record Login(Map<String, String> with, int refusal, List<String> policy) {}

    private static final class Version {
        private final Map<String, ?> fields;
        private boolean deleted;
        private boolean destroyed;

        Version(Map<String, ?> fields) {
            this.fields = fields;
        }
    }

    private record Answer(int status, JsonNode body) {}

    private VaultDouble() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/", this::handle);
        server.start();
    }

    public static VaultDouble started() {
        try {
            return new VaultDouble();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A key-value store of version 1 or 2. */
    public synchronized VaultDouble mount(String mount, int version) {
        mounts.put(mount, version);
        return this;
    }

    /** A new version of a secret. */
    public synchronized VaultDouble put(String mount, String path, Map<String, ?> fields) {
        secrets.computeIfAbsent(mount + "/" + path, nothing -> new ArrayList<>())
                .add(new Version(new LinkedHashMap<>(fields)));
        return this;
    }

    /** Deletes the latest version, as {@code kv delete} does. */
    public synchronized void delete(String mount, String path) {
        versions(mount, path).getLast().deleted = true;
    }

    /** Destroys the latest version: it can't be undeleted. */
    public synchronized void destroy(String mount, String path) {
        versions(mount, path).getLast().destroyed = true;
    }

    /** A token that may read what begins so, as {@code mount/path}. */
    public synchronized VaultDouble token(String token, String... mayRead) {
        policies.put(token, List.of(mayRead));
        return this;
    }

    public synchronized void revoke(String token) {
        policies.remove(token);
    }

    public synchronized VaultDouble appRole(String role, String secret, String... mayRead) {
        logins.put(
                "auth/approle/login", new Login(Map.of("role_id", role, "secret_id", secret), 400, List.of(mayRead)));
        return this;
    }

    public synchronized VaultDouble kubernetes(String role, String jwt, String... mayRead) {
        logins.put("auth/kubernetes/login", new Login(Map.of("role", role, "jwt", jwt), 403, List.of(mayRead)));
        return this;
    }

    /** From now on all is in a namespace. */
    public synchronized void namespace(String name) {
        namespace = Optional.of(name);
    }

    public synchronized void seal() {
        sealed = true;
    }

    public synchronized void unseal() {
        sealed = false;
    }

    /** Answers the next requests with a status and nothing else, as what stands before a vault does. */
    public synchronized void trouble(int status, int times) {
        trouble = status;
        troubles = times;
    }

    /** What was asked, as {@code GET secret/data/path}. */
    public synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    /** How many tokens that a login gave are still good. */
    public synchronized long openLogins() {
        return policies.keySet().stream()
                .filter(token -> token.startsWith("hvs.login-"))
                .count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] content = exchange.getRequestBody().readAllBytes();
            Answer answer = answer(exchange, content.length == 0 ? JSON.createObjectNode() : JSON.readTree(content));
            byte[] body = answer.status() == 204 ? new byte[0] : JSON.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private synchronized Answer answer(HttpExchange exchange, JsonNode content) {
        String path = exchange.getRequestURI().getPath().substring("/v1/".length());
        asked.add(exchange.getRequestMethod() + " " + path);
        if (troubles > 0) {
            troubles--;
            return new Answer(trouble, JSON.createObjectNode());
        }
        if (sealed) {
            return errors(503, "Vault is sealed");
        }
        if (namespace.isPresent()
                && !namespace.get().equals(exchange.getRequestHeaders().getFirst("X-Vault-Namespace"))) {
            return errors(403, "permission denied");
        }
        Login login = logins.get(path);
        if (login != null) {
            return login(login, content);
        }
        String token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        List<String> policy = token == null ? null : policies.get(token);
        if (policy == null) {
            return errors(403, "permission denied");
        }
        if (path.equals("auth/token/revoke-self")) {
            policies.remove(token);
            return new Answer(204, JSON.createObjectNode());
        }
        return path.startsWith(PREFLIGHT) ? preflight(path.substring(PREFLIGHT.length()), policy) : read(path, policy);
    }

    private Answer login(Login login, JsonNode content) {
        boolean right = login.with().entrySet().stream()
                .allMatch(
                        one -> one.getValue().equals(content.path(one.getKey()).asText()));
        if (!right) {
            return errors(login.refusal(), login.refusal() == 400 ? "invalid role or secret ID" : "permission denied");
        }
        String token = "hvs.login-" + tokens++;
        policies.put(token, login.policy());
        ObjectNode body = JSON.createObjectNode();
        body.putObject("auth")
                .put("client_token", token)
                .put("lease_duration", 1200)
                .put("renewable", true);
        return new Answer(200, body);
    }

    private Answer preflight(String path, List<String> policy) {
        Optional<String> mount = mountOf(path);
        if (mount.isEmpty() || policy.stream().noneMatch(may -> (may + "/").startsWith(mount.get() + "/"))) {
            return errors(
                    403,
                    "preflight capability check returned 403, please ensure client's policies grant access to path \""
                            + path + "/\"");
        }
        ObjectNode body = JSON.createObjectNode();
        ObjectNode data = body.putObject("data").put("path", mount.get() + "/").put("type", "kv");
        data.putObject("options").put("version", Integer.toString(mounts.getOrDefault(mount.get(), 2)));
        return new Answer(200, body);
    }

    private Answer read(String path, List<String> policy) {
        Optional<String> mount = mountOf(path);
        if (mount.isEmpty()) {
            return errors(404, "no handler for route \"" + path + "\". route entry not found.");
        }
        String rest = path.substring(mount.get().length() + 1);
        if (mounts.getOrDefault(mount.get(), 2) == 1) {
            return may(mount.get() + "/" + rest, policy) ? first(mount.get(), rest) : denied();
        }
        boolean metadata = rest.startsWith("metadata/");
        if (!metadata && !rest.startsWith("data/")) {
            ObjectNode invalid = JSON.createObjectNode();
            invalid.putArray("warnings").add("Invalid path for a versioned K/V secrets engine.");
            return new Answer(404, invalid);
        }
        String name = rest.substring(rest.indexOf('/') + 1);
        if (!may(mount.get() + "/" + name, policy)) {
            return denied();
        }
        return metadata ? metadata(mount.get(), name) : second(mount.get(), name);
    }

    private Answer first(String mount, String name) {
        List<Version> versions = versions(mount, name);
        if (versions.isEmpty() || versions.getLast().deleted) {
            return errors(404);
        }
        ObjectNode body = JSON.createObjectNode().put("lease_duration", 2_764_800);
        body.set("data", JSON.valueToTree(versions.getLast().fields));
        return new Answer(200, body);
    }

    private Answer second(String mount, String name) {
        List<Version> versions = versions(mount, name);
        if (versions.isEmpty()) {
            return errors(404);
        }
        Version latest = versions.getLast();
        boolean gone = latest.deleted || latest.destroyed;
        ObjectNode body = JSON.createObjectNode();
        ObjectNode data = body.putObject("data");
        data.set("data", gone ? JSON.nullNode() : JSON.valueToTree(latest.fields));
        data.set("metadata", described(latest).put("version", versions.size()));
        return new Answer(gone ? 404 : 200, body);
    }

    private Answer metadata(String mount, String name) {
        List<Version> versions = versions(mount, name);
        if (versions.isEmpty()) {
            return errors(404);
        }
        ObjectNode body = JSON.createObjectNode();
        ObjectNode all =
                body.putObject("data").put("current_version", versions.size()).putObject("versions");
        for (int n = 0; n < versions.size(); n++) {
            all.set(Integer.toString(n + 1), described(versions.get(n)));
        }
        return new Answer(200, body);
    }

    private static ObjectNode described(Version version) {
        return JSON.createObjectNode()
                .put("created_time", "2026-01-01T00:00:00.000000000Z")
                .put("deletion_time", version.deleted ? "2026-01-02T00:00:00.000000000Z" : "")
                .put("destroyed", version.destroyed);
    }

    private Optional<String> mountOf(String path) {
        return mounts.keySet().stream()
                .filter(mount -> path.startsWith(mount + "/"))
                .findFirst();
    }

    private List<Version> versions(String mount, String path) {
        return secrets.getOrDefault(mount + "/" + path, List.of());
    }

    private static boolean may(String what, List<String> policy) {
        return policy.stream().anyMatch(what::startsWith);
    }

    private static Answer denied() {
        return errors(403, "1 error occurred:\n\t* permission denied\n\n");
    }

    private static Answer errors(int status, String... errors) {
        ObjectNode body = JSON.createObjectNode();
        body.set("errors", JSON.valueToTree(errors));
        return new Answer(status, body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
