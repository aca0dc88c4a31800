package dev.upkeep.secrets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.upkeep.secrets.Unresolved.Why;
import dev.upkeep.secrets.VaultSettings.Login;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Reads secrets from a key-value store (versions 1 and 2) over the HTTP API that OpenBao and HashiCorp's Vault share.
 *
 * <p>Ordering: sign in, ask which mount the path is in and of which version it is (as their own command lines do), read.
 * Nothing is kept between two reads. Failure: what passes (no answer, a standby, too many requests) is tried three times;
 * a sealed vault is not, for a person has to unseal it, and the step comes again anyway.
 */
public final class Vault {
    private static final int TRIES = 3;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);
    private static final Duration CONNECTING = Duration.ofSeconds(3);
    private static final Set<Integer> PASSING = Set.of(412, 429, 472, 473, 500, 502, 503, 504);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final VaultSettings settings;

    public Vault(VaultSettings settings) {
        this.settings = settings;
    }

    String read(String reference, VaultPath path) throws Unresolved {
        Session session = new Session(reference);
        try (HttpClient http = client(reference)) {
            return session.read(http, path);
        }
    }

    private HttpClient client(String reference) throws Unresolved {
        // A standby sends to the active node; from https it is never followed to http.
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(settings.timeout().compareTo(CONNECTING) < 0 ? settings.timeout() : CONNECTING);
        if (settings.authority().isPresent()) {
            builder.sslContext(trusting(settings.authority().get(), reference));
        }
        return builder.build();
    }

    private static SSLContext trusting(Path authority, String reference) throws Unresolved {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("authority-" + store.size(), one);
            }
            if (store.size() == 0) {
                throw new GeneralSecurityException("it has no certificate");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new Unresolved(
                    Why.UNREADABLE,
                    reference + ": upkeep.vault.ca-file " + authority + " is no file of certificates: "
                            + e.getClass().getSimpleName());
        }
    }

    /** What answered, if it was JSON. */
    private record Answer(int status, JsonNode body) {
        String errors() {
            StringBuilder all = new StringBuilder();
            body.path("errors")
                    .forEach(one -> all.append(all.isEmpty() ? "" : "; ").append(one.asText()));
            return all.toString();
        }

        boolean sealed() {
            return status == 503 && errors().contains("sealed");
        }
    }

    /** One reading: its refusals all name the reference. */
    private final class Session {
        private final String reference;

        Session(String reference) {
            this.reference = reference;
        }

        String read(HttpClient http, VaultPath path) throws Unresolved {
            return switch (settings.login()) {
                case Login.Token(Path file) -> read(http, file(file), path);
                case Login.AppRole(String mount, String role, Path secret) ->
                    signedIn(http, mount, Map.of("role_id", role, "secret_id", file(secret)), path);
                case Login.Kubernetes(String mount, String role, Path token) ->
                    signedIn(http, mount, Map.of("role", role, "jwt", file(token)), path);
            };
        }

        private String signedIn(HttpClient http, String mount, Map<String, String> with, VaultPath path)
                throws Unresolved {
            String where = "auth/" + VaultPath.encoded(List.of(mount.split("/"))) + "/login";
            Answer answer = ask(http, request(where, Optional.empty()).POST(body(with)));
            String token = answer.body().path("auth").path("client_token").asText();
            // It is said with 400 as well as with 403 that a role, a secret id or a token is none.
            if (answer.status() == 400 || answer.status() == 403) {
                throw refused(Why.DENIED, "the vault does not take how we sign in at " + where);
            }
            if (answer.status() != 200 || token.isEmpty()) {
                throw unexpected(answer, where);
            }
            try {
                return read(http, token, path);
            } finally {
                // A token that nobody ends is a lease that the vault keeps for its whole time.
                quietly(
                        http,
                        request("auth/token/revoke-self", Optional.of(token)).POST(body(Map.of())));
            }
        }

        private String read(HttpClient http, String token, VaultPath path) throws Unresolved {
            String where = "sys/internal/ui/mounts/" + path.encoded();
            JsonNode mount = found(ask(http, request(where, Optional.of(token)).GET()), where)
                    .path("data");
            String name = mount.path("path").asText();
            String below = path.below(name);
            if (below.isEmpty() || !mount.path("type").asText().equals("kv")) {
                throw refused(Why.UNREADABLE, "it is in no key-value store, but in '" + name + "'");
            }
            boolean versioned = mount.path("options").path("version").asText().equals("2");
            String secret = VaultPath.encoded(List.of(name.split("/"))) + (versioned ? "/data/" : "/") + below;
            JsonNode data = found(ask(http, request(secret, Optional.of(token)).GET()), secret)
                    .path("data");
            return field(versioned ? data.path("data") : data, path.field());
        }

        private String field(JsonNode data, String name) throws Unresolved {
            JsonNode field = data.path(name);
            if (field.isMissingNode() || field.isNull()) {
                throw refused(Why.MISSING, "the secret has no field '" + name + "'");
            }
            if (!field.isValueNode()) {
                throw refused(Why.UNREADABLE, "the field '" + name + "' is no text");
            }
            return field.asText();
        }

        private JsonNode found(Answer answer, String where) throws Unresolved {
            return switch (answer.status()) {
                case 200 -> answer.body();
                case 401, 403 -> throw refused(Why.DENIED, "the vault does not let us read " + where);
                case 404 -> throw refused(Why.MISSING, "the vault has nothing at " + where + deleted(answer));
                default -> throw unexpected(answer, where);
            };
        }

        /** A version that was deleted is a 404 that still tells of the version. */
        private static String deleted(Answer answer) {
            JsonNode metadata = answer.body().path("data").path("metadata");
            return metadata.isMissingNode()
                    ? ""
                    : ": version " + metadata.path("version").asText() + " was "
                            + (metadata.path("destroyed").asBoolean() ? "destroyed" : "deleted");
        }

        /** Asks until it is neither passing nor the last try. */
        private Answer ask(HttpClient http, HttpRequest.Builder request) throws Unresolved {
            String trouble = "";
            for (int n = 1; n <= TRIES; n++) {
                if (n > 1) {
                    LockSupport.parkNanos(BETWEEN_TRIES.multipliedBy(n - 1L).toNanos());
                }
                try {
                    Answer answer = send(http, request.build());
                    if (answer.sealed()) {
                        throw refused(Why.SEALED, "the vault at " + settings.address() + " is sealed");
                    }
                    if (!PASSING.contains(answer.status())) {
                        return answer;
                    }
                    trouble = "it answers with " + answer.status();
                } catch (IOException e) {
                    trouble = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw refused(Why.UNREACHABLE, "cancelled while asking the vault");
                }
            }
            throw refused(
                    Why.UNREACHABLE,
                    "the vault at " + settings.address() + " can't be asked, " + TRIES + " times: " + trouble);
        }

        private static void quietly(HttpClient http, HttpRequest.Builder request) {
            try {
                http.send(request.build(), HttpResponse.BodyHandlers.discarding());
            } catch (IOException itEndsByItself) {
                // At the end of its time to live.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private Answer send(HttpClient http, HttpRequest request) throws IOException, InterruptedException {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            try {
                JsonNode body = JSON.readTree(response.body());
                return new Answer(response.statusCode(), body == null ? MissingNode.getInstance() : body);
            } catch (IOException noJson) {
                return new Answer(response.statusCode(), MissingNode.getInstance());
            }
        }

        private HttpRequest.Builder request(String where, Optional<String> token) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.address() + "/v1/" + where))
                    .timeout(settings.timeout())
                    // Against servers that are made to ask on somebody's behalf: OpenBao and Vault both look for it.
                    .header("X-Vault-Request", "true");
            token.ifPresent(text -> request.header("X-Vault-Token", text));
            settings.namespace().ifPresent(text -> request.header("X-Vault-Namespace", text));
            return request;
        }

        private static HttpRequest.BodyPublisher body(Map<String, String> content) {
            return HttpRequest.BodyPublishers.ofString(JSON.valueToTree(content).toString());
        }

        private String file(Path file) throws Unresolved {
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw refused(
                        Why.DENIED,
                        "there is nothing to sign in with: " + file + " can't be read: "
                                + e.getClass().getSimpleName());
            }
        }

        private Unresolved unexpected(Answer answer, String where) {
            return refused(
                    Why.UNREADABLE,
                    "the vault answers " + where + " with " + answer.status()
                            + (answer.errors().isEmpty() ? "" : ": " + answer.errors()));
        }

        private Unresolved refused(Why why, String text) {
            return new Unresolved(why, reference + ": " + text);
        }
    }
}
