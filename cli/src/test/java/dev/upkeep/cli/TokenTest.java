package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens: found, sent, made, renewed, and never shown. */
final class TokenTest {
    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
    private static final String A_TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";
    private static final String EXPIRED = """
            {"type": "urn:upkeep:problem:token-expired", "title": "token expired", "status": 401,
             "detail": "the token has expired",
             "errors": [{"pointer": "/Authorization", "detail": "the token has expired", "fix": "get a new one"}]}""";
    private static final String FORBIDDEN = """
            {"type": "urn:upkeep:problem:role-missing", "title": "role missing", "status": 403,
             "errors": [{"pointer": "/Authorization", "detail": "'vic' may not do this", "fix": "it takes the role operator"}]}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path state;

    private Planner planner;

    @BeforeEach
    void startPlanner() throws IOException {
        planner = new Planner();
        planner.on("GET /v1/products", 200, "{\"items\": []}");
    }

    @AfterEach
    void stopPlanner() {
        planner.close();
    }

    @Test
    void callsWhatRunsHereWithTheTokenThatLiesBeside() throws IOException {
        writeEndpoints();
        LocalKey.at(state);

        assertThat(upkeep("product", "list", "--state", state.toString())).isZero();

        String sent = sent();
        assertThat(sent)
                .isEqualTo("Bearer " + Files.readString(LocalToken.file(state)).strip());
        assertThat(claims(sent).path("groups").toString()).isEqualTo("[\"operator\",\"approver\"]");
        assertThat(claims(sent).path("upn").asText()).isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void sendsThatTokenToNobodyElse() throws IOException {
        LocalKey.at(state);
        Files.writeString(state.resolve("endpoints.json"), "{\"planner\": \"http://127.0.0.1:1\"}");

        assertThat(upkeep("product", "list", "--state", state.toString(), "--planner", planner.url()))
                .isZero();

        assertThat(sent()).isEqualTo("null");
    }

    @Test
    void sendsTheTokenThatAFileHasAndReadsItAnewEachTime() throws IOException {
        Path file = Files.writeString(state.resolve("mine"), A_TOKEN + "\n");

        assertThat(upkeep("product", "list", "--planner", planner.url(), "--token-file", file.toString()))
                .isZero();

        assertThat(sent()).isEqualTo("Bearer " + A_TOKEN);
    }

    @Test
    void takesTheFileBeforeTheEnvironmentAndTheEnvironmentBeforeTheStateDirectory() throws IOException {
        writeEndpoints();
        LocalKey.at(state);
        Connection connection = new Connection();
        connection.state = state;
        Map<String, String> environment = Map.of("UPKEEP_TOKEN", A_TOKEN);

        assertThat(connection
                        .credential("planner", planner.url(), environment::get)
                        .header())
                .contains("Bearer " + A_TOKEN);
        assertThat(connection.credential("planner", planner.url(), name -> null).header())
                .isPresent()
                .isNotEqualTo(Optional.of("Bearer " + A_TOKEN));
        connection.tokenFile = Files.writeString(state.resolve("mine"), "a.b.c");
        assertThat(connection
                        .credential("planner", planner.url(), environment::get)
                        .header())
                .contains("Bearer a.b.c");
    }

    @Test
    void saysWhatToDoAboutATokenThatIsRefusedAndDoesNotShowIt() throws IOException {
        Path file = Files.writeString(state.resolve("mine"), A_TOKEN);
        planner.on("GET /v1/rollouts", 401, EXPIRED).on("POST /v1/rollouts/r-1/pause", 403, FORBIDDEN);

        assertThat(upkeep("rollout", "list", "--planner", planner.url(), "--token-file", file.toString()))
                .isEqualTo(3);
        assertThat(err.toString()).isEqualTo("""
                token expired
                  /Authorization  the token has expired
                      → get a new one
                the token came from %s
                  → put a new one there; for what `./upkeep up` runs here, `./upkeep token --role …` makes one
                """.formatted(file));

        assertThat(upkeep("rollout", "pause", "r-1", "--planner", planner.url(), "--token-file", file.toString()))
                .isEqualTo(3);
        assertThat(err.toString())
                .contains("'vic' may not do this")
                .contains("→ it takes the role operator")
                .contains("→ use one of somebody who may")
                .doesNotContain(A_TOKEN);
    }

    @Test
    void saysHowToGiveATokenWhenThereIsNone() {
        planner.on("GET /v1/rollouts", 401, EXPIRED);

        assertThat(upkeep("rollout", "list", "--planner", planner.url(), "--state", state.toString()))
                .isEqualTo(3);

        assertThat(err.toString())
                .contains("no token was sent")
                .contains("--token-file FILE or UPKEEP_TOKEN")
                .contains("--state or UPKEEP_STATE");
    }

    @Test
    void doesNotShowWhatCantBeAToken() throws IOException {
        Path file = Files.writeString(state.resolve("mine"), "secret line\nsecond.secret.line");

        assertThat(upkeep("product", "list", "--planner", planner.url(), "--token-file", file.toString()))
                .isEqualTo(2);

        assertThat(err.toString()).contains(file + " is no token").doesNotContain("secret");
        assertThat(planner.requests()).isEmpty();
        assertThat(upkeep("product", "list", "--planner", planner.url(), "--token-file", state + "/none"))
                .isEqualTo(2);
    }

    @Test
    void makesATokenForACustomer() throws IOException {
        LocalKey key = LocalKey.at(state);

        int code = upkeep(
                "token",
                "--role",
                "customer",
                "--account",
                "acme",
                "--name",
                "eve",
                "--ttl",
                "PT15M",
                "--state",
                state.toString());

        assertThat(code).as(err.toString()).isZero();
        JsonNode claims = claims(out.toString().strip());
        assertThat(claims.path("iss").asText()).isEqualTo("upkeep");
        assertThat(claims.path("aud").asText()).isEqualTo("upkeep");
        assertThat(claims.path("sub").asText()).isEqualTo("eve");
        assertThat(claims.path("groups").toString()).isEqualTo("[\"customer\"]");
        assertThat(claims.path("account").asText()).isEqualTo("acme");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(15 * 60);
        assertThat(part(out.toString(), 0).path("kid").asText()).isEqualTo(key.id());
        assertThat(key.jwks()).contains(key.id()).doesNotContain("\"d\"");
    }

    @Test
    void makesNoTokenThatNoServiceWouldTakeOrThatLastsForEver() throws IOException {
        LocalKey.at(state);

        assertThat(token("--role", "customer")).isEqualTo(2);
        assertThat(token("--role", "customer", "--role", "operator", "--account", "acme"))
                .isEqualTo(2);
        assertThat(token("--role", "operator", "--account", "acme")).isEqualTo(2);
        assertThat(token("--role", "admin")).isEqualTo(2);
        assertThat(token("--role", "viewer", "--ttl", "P32D")).isEqualTo(2);
        assertThat(token("--role", "viewer", "--ttl", "-PT1H")).isEqualTo(2);
        assertThat(token("--role", "viewer", "--name", " ")).isEqualTo(2);
        assertThat(token()).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void makesNoTokenWithoutAKeyOrWithOneThatOthersMayRead() throws IOException {
        assertThat(token("--role", "viewer")).isEqualTo(3);
        assertThat(err.toString()).contains(LocalKey.file(state) + " is not there");

        LocalKey.at(state);
        Files.setPosixFilePermissions(LocalKey.file(state), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(token("--role", "viewer")).isEqualTo(3);
        assertThat(err.toString()).contains("may be read by others").contains("chmod 600");

        OwnersFile.write(LocalKey.file(state), "{\"d\": \"c2VjcmV0\", oops}");
        assertThat(token("--role", "viewer")).isEqualTo(3);
        assertThat(err.toString()).contains("is no key that can be read").doesNotContain("c2VjcmV0");
    }

    @Test
    void keepsTheKeyForItsOwnerAlone() throws IOException {
        String jwks = LocalKey.at(state).jwks();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(LocalKey.file(state))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(LocalKey.file(state).getParent())))
                .isEqualTo("rwx------");
        assertThat(LocalKey.at(state).jwks()).isEqualTo(jwks);
        assertThat(LocalKey.at(state).toString()).doesNotContain(Files.readString(LocalKey.file(state)));
    }

    @Test
    void renewsTheTokenInTimeAndForANewKeyAndNotBefore() throws IOException {
        LocalKey key = LocalKey.at(state);
        List<String> tokens = new ArrayList<>();
        for (Duration later : List.of(Duration.ZERO, Duration.ofHours(11), Duration.ofHours(13))) {
            LocalToken.renew(state, key, NOW.plus(later));
            tokens.add(Files.readString(LocalToken.file(state)));
        }
        Files.delete(LocalKey.file(state));
        LocalToken.renew(state, LocalKey.at(state), NOW.plus(Duration.ofHours(13)));
        tokens.add(Files.readString(LocalToken.file(state)));

        assertThat(tokens.get(1)).isEqualTo(tokens.get(0));
        assertThat(tokens.get(2)).isNotEqualTo(tokens.get(1));
        assertThat(tokens.get(3)).isNotEqualTo(tokens.get(2));
        assertThat(claims(tokens.get(2)).path("exp").asLong())
                .isEqualTo(NOW.plus(Duration.ofHours(37)).getEpochSecond());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(LocalToken.file(state))))
                .isEqualTo("rw-------");
    }

    @Test
    void usesTheTokenAsItIsWhereTheKeyIsNotAtHand() throws IOException {
        OwnersFile.write(LocalToken.file(state), A_TOKEN);

        assertThat(LocalToken.of(state, () -> NOW).header()).contains("Bearer " + A_TOKEN);
        assertThat(LocalToken.of(state, () -> NOW).toString()).doesNotContain(A_TOKEN);
    }

    private void writeEndpoints() throws IOException {
        Files.writeString(state.resolve("endpoints.json"), "{\"planner\": \"" + planner.url() + "\"}");
    }

    private String sent() {
        return planner.requests().getLast().authorization();
    }

    private int token(String... arguments) {
        List<String> all = new ArrayList<>(List.of("token", "--state", state.toString()));
        all.addAll(List.of(arguments));
        return upkeep(all.toArray(String[]::new));
    }

    private int upkeep(String... arguments) {
        return Upkeep.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private static JsonNode claims(String token) throws IOException {
        return part(token, 1);
    }

    private static JsonNode part(String token, int which) throws IOException {
        return new ObjectMapper()
                .readTree(Base64.getUrlDecoder()
                        .decode(token.replace("Bearer ", "").strip().split("\\.")[which]));
    }
}
