package dev.upkeep.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every endpoint of a running service, as its OpenAPI document lists them, called by everybody who must not: so an
 * endpoint that is added is looked at without a test being written, and one that is added without a rule is found.
 *
 * <p>Each method gives what it found wrong, a sentence for each; a test asserts that this is nothing.
 */
public final class EveryEndpoint {
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");
    /** As in upkeep-access: what a path parameter of this name names belongs to an account. */
    private static final Set<String> OWNED = Set.of("account", "tenant", "upgrade");

    private static final String ACCOUNTS_OWN = "/v1/account";
    private static final String NONE = "none-such";

    private final URI root;
    private final List<Endpoint> endpoints;
    private final WhoMay table;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();

    private EveryEndpoint(URI root, String service, Path roles) {
        this.root = root;
        this.table = WhoMay.of(service, roles);
        this.endpoints = read();
    }

    /**
     * Reads what a service offers.
     *
     * @param service its name in the table of roles
     * @param roles docs/reference/roles.md
     */
    public static EveryEndpoint of(URI root, String service, Path roles) {
        return new EveryEndpoint(root, service, roles);
    }

    /** One method on one path. */
    private record Endpoint(
            String method, String path, @Nullable String contentType) {
        boolean changes() {
            return !method.equals("GET") && !method.equals("HEAD");
        }

        boolean names(Set<String> parameters) {
            return PARAMETER.matcher(path).results().anyMatch(found -> parameters.contains(found.group(1)));
        }

        boolean isAccountsOwn() {
            return path.equals(ACCOUNTS_OWN) || path.startsWith(ACCOUNTS_OWN + "/");
        }

        /** The path with names in it; a parameter without one gets a name of nothing. */
        String with(Map<String, String> names) {
            Matcher parameter = PARAMETER.matcher(path);
            return parameter.replaceAll(found -> Matcher.quoteReplacement(
                    URLEncoder.encode(names.getOrDefault(found.group(1), NONE), StandardCharsets.UTF_8)));
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private record Answer(int status, String type, String challenge, String body) {
        boolean isProblem() {
            return type.startsWith("application/problem+json");
        }
    }

    /** How many there are. */
    public int count() {
        return endpoints.size();
    }

    /** Nobody: 401 and a challenge, everywhere. */
    public List<String> openToNobody() {
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            Answer answer = call(endpoint, Map.of(), null);
            if (answer.status() != 401
                    || !answer.isProblem()
                    || !answer.challenge().startsWith("Bearer")) {
                wrong.add(endpoint + " answers " + answer + " to somebody without a token");
            }
        }
        return wrong;
    }

    /** Somebody who only reads: 403 on whatever changes something. */
    public List<String> changedByAViewer() {
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.changes()) {
                Answer answer = call(endpoint, Map.of(), Tokens.staff("vic", "viewer"));
                if (answer.status() != 403 || !answer.isProblem()) {
                    wrong.add(endpoint + " answers " + answer + " to a viewer");
                }
            }
        }
        return wrong;
    }

    /**
     * A customer of another account: 404 where something is named, and the same as for something that does not exist;
     * 403 where nothing is; and where an account sees its own, nothing of the other's.
     *
     * @param victims what belongs to the account that must not be seen, by the parameter that names it
     * @param secret a text that stands in everything that is shown of it
     */
    public List<String> seenByAnotherCustomer(Map<String, String> victims, String secret) {
        String eve = Tokens.customer("eve", "eves-own");
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            Answer answer = call(endpoint, victims, eve);
            if (endpoint.names(OWNED)) {
                String absent = call(endpoint, Map.of(), eve).body();
                if (answer.status() != 404
                        || !answer.isProblem()
                        || !nameless(answer.body(), victims).equals(nameless(absent, victims))) {
                    wrong.add(endpoint + " answers " + answer + " to another customer, and for what is not there "
                            + absent);
                }
            } else if (endpoint.isAccountsOwn()) {
                if (answer.status() >= 500 || answer.body().contains(secret)) {
                    wrong.add(endpoint + " answers " + answer + " to another customer");
                }
            } else if (answer.status() != 403 || !answer.isProblem()) {
                wrong.add(endpoint + " answers " + answer + " to a customer");
            }
        }
        return wrong;
    }

    /**
     * Each role alone, against the table: those who may are not refused, those who may not are.
     *
     * @param own what belongs to the account, by the parameter that names it
     * @param account the account
     */
    public List<String> otherThanTheTableSays(Map<String, String> own, String account) {
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            for (String role : WhoMay.ROLES) {
                Boolean may =
                        table.may(role, endpoint.method(), endpoint.path()).orElse(null);
                if (may == null) {
                    wrong.add(endpoint + " is in no row of docs/reference/roles.md");
                    break;
                }
                boolean isCustomer = role.equals("customer");
                // Those who run it are given names of nothing: what they may change must not be changed here.
                Answer answer = isCustomer
                        ? call(endpoint, own, Tokens.customer("eve", account))
                        : call(endpoint, Map.of(), Tokens.staff("tester", role));
                // Where something below its own is named that is not there, that alone may be told to be missing.
                boolean isHidden = isCustomer
                        && endpoint.names(OWNED)
                        && answer.status() == 404
                        && !answer.body().contains("'" + NONE + "'");
                boolean isRefused = answer.status() == 401 || answer.status() == 403 || isHidden;
                if (isRefused == may) {
                    wrong.add(endpoint + " answers " + answer + " to " + role + ", who " + (may ? "may" : "may not"));
                }
            }
        }
        return wrong;
    }

    /** What must stay open to everybody and is not. */
    public List<String> closedToEverybody() {
        List<String> wrong = new ArrayList<>();
        for (String path : List.of("/q/health/live", "/q/metrics", "/q/openapi")) {
            Answer answer = send(HttpRequest.newBuilder(root.resolve(path)));
            if (answer.status() != 200) {
                wrong.add(path + " answers " + answer.status());
            }
        }
        return wrong;
    }

    private static String nameless(String body, Map<String, String> names) {
        String text = body.replace(NONE, "…");
        // The longest first, for one may be a part of another.
        List<String> longest = new ArrayList<>(names.values());
        longest.sort(Comparator.comparingInt(String::length).reversed());
        for (String name : longest) {
            text = text.replace(name, "…");
        }
        return text;
    }

    private Answer call(Endpoint endpoint, Map<String, String> names, @Nullable String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(endpoint.with(names)));
        if (endpoint.contentType() == null) {
            request.method(endpoint.method(), BodyPublishers.noBody());
        } else {
            request.header("Content-Type", endpoint.contentType())
                    .method(endpoint.method(), BodyPublishers.ofString("{}"));
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return send(request);
    }

    private List<Endpoint> read() {
        Answer document = send(HttpRequest.newBuilder(root.resolve("/q/openapi?format=json")));
        try {
            List<Endpoint> found = new ArrayList<>();
            for (Map.Entry<String, JsonNode> path :
                    json.readTree(document.body()).path("paths").properties()) {
                for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                    JsonNode content = operation.getValue().path("requestBody").path("content");
                    found.add(new Endpoint(
                            operation.getKey().toUpperCase(Locale.ROOT),
                            path.getKey(),
                            content.isEmpty() ? null : content.fieldNames().next()));
                }
            }
            return List.copyOf(found);
        } catch (IOException e) {
            throw new AssertionError("no OpenAPI document: " + document, e);
        }
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.headers().firstValue("WWW-Authenticate").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
