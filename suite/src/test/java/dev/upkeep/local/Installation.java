package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.cli.Api;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The one installation of a product of {@code deploy/products} that a suite of processes upgrades by its descriptor and
 * its releases, while notes are taken at it.
 */
final class Installation implements AutoCloseable {
    private final String product;
    private final String tenant;
    private final Database database;
    private final Suite suite;
    private final String url;
    private final Notes notes;
    private final Upgrades upgrades;

    /** The database that its notes are in. */
    interface Database {
        Connection connect() throws SQLException;
    }

    private Installation(String product, String tenant, Database database, Suite suite, String url) {
        this.product = product;
        this.tenant = tenant;
        this.database = database;
        this.suite = suite;
        this.url = url;
        this.notes = new Notes(id ->
                HttpRequest.newBuilder(URI.create(url + "/notes/" + id)).POST(HttpRequest.BodyPublishers.noBody()));
        this.upgrades = new Upgrades(suite.api(Service.PLANNER), product, tenant);
    }

    /** Starts the suite; the installation runs already, and answers on a port. */
    static Installation of(String product, String tenant, Path state, Database database, int port) {
        return of(product, tenant, Suite.of(Scene.home(), state).start(), database, "http://127.0.0.1:" + port);
    }

    /** The same with a suite that was started, which it stops. */
    static Installation of(String product, String tenant, Suite suite, Database database, String url) {
        return new Installation(product, tenant, database, suite, url);
    }

    /** Skips a test of what this machine lacks, but on CI, where nothing may be skipped. */
    static void require(String lacks) {
        if (lacks.isEmpty()) {
            return;
        }
        String what = "no product is upgraded here: " + lacks + "; see docs/how-to/run-the-container-tests.md";
        System.err.println(what);
        assumeTrue(System.getenv("CI") != null, what);
        throw new AssertionError(what);
    }

    /** The files of which a test's installation is made. */
    static Path resources(String folder) {
        return Scene.home().resolve("suite/src/test/resources/" + folder);
    }

    /** A file with a value for each {@code @name@} in it. */
    static String filled(Path file, Map<String, String> values) throws IOException {
        String text = Files.readString(file);
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        assertThat(text).as(file.toString()).doesNotContainPattern("@[a-z-]+@");
        return text;
    }

    /** The descriptor's text after each change, none of which may be in vain. */
    static String changed(String descriptor, Map<String, String> changes) {
        String text = descriptor;
        for (Map.Entry<String, String> change : changes.entrySet()) {
            assertThat(text).contains(change.getKey());
            text = text.replace(change.getKey(), change.getValue());
        }
        return text;
    }

    /** Tells the planner of the product, as it is described but for these changes. */
    void describe(Map<String, String> changes) throws IOException {
        register("/v1/products/" + product, changed(Files.readString(products(product + ".yaml")), changes));
    }

    /** Tells the planner of a release, as it is published but for what is done to its text. */
    void publish(String version, UnaryOperator<String> change) throws IOException {
        register(
                "/v1/products/" + product + "/releases/" + version,
                change.apply(Files.readString(products(product + "/releases/" + version + ".yaml"))));
    }

    void enter(String document) {
        register("/v1/tenants/" + tenant, document);
    }

    private static Path products(String file) {
        return Scene.home().resolve("deploy/products").resolve(file);
    }

    private void register(String path, String document) {
        planner().put(path, document, "application/yaml");
    }

    /** Puts a statement about a version on record: a consent, a waiver, an acknowledgement. */
    void say(String kind, String version, Map<String, String> statement) {
        ObjectNode said = new ObjectMapper().createObjectNode().put("version", version);
        statement.forEach(said::put);
        planner().post("/v1/tenants/" + tenant + "/" + kind, said);
    }

    /** Lets a release out, under traffic, and waits until its upgrade has ended. */
    JsonNode rollOut(String version) throws Exception {
        return rollOut(version, () -> {});
    }

    /** Lets a release out, under traffic, and waits until its upgrade has ended, after something else has happened. */
    JsonNode rollOut(String version, Upgrades.Meanwhile meanwhile) throws Exception {
        say("acknowledgements", version, Map.of("what", "notes"));
        notes.begin();
        try {
            return upgrades.rollOut(version, meanwhile);
        } finally {
            notes.end();
        }
    }

    /** What has happened to it. */
    Upgrades upgrades() {
        return upgrades;
    }

    /** What the last step with this action, or this action of that component, said of itself on the way forward. */
    String told(String step) {
        return upgrades.told(step);
    }

    /** The version that it says it is. */
    String version() throws IOException, InterruptedException {
        return notes.get(url + "/version").body().replaceAll("(?s).*\"version\": \"([^\"]*)\".*", "$1");
    }

    /** What something answers to a GET. */
    String get(URI url) throws IOException, InterruptedException {
        return notes.get(url.toString()).body().strip();
    }

    /** The first column of what the database answers. */
    List<String> column(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    /** The upgrade has ended so, the installation runs this version with these migrations, and no note is lost. */
    void assertEnded(JsonNode upgrade, String state, String version, List<String> migrations) throws Exception {
        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo(state);
        assertThat(version()).isEqualTo(version);
        assertThat(column("select name from migration order by name")).isEqualTo(migrations);
        assertNoNoteIsLost(upgrade);
    }

    /** Every note that was said to be taken is in the database or in the report of what an undo left behind. */
    void assertNoNoteIsLost(JsonNode upgrade) throws Exception {
        assertThat(notes.taken()).as("notes that were taken").isNotEmpty();
        assertThat(Upgrades.lost(notes.taken(), column("select id from note"), upgrade))
                .as("notes that are nowhere")
                .isEmpty();
        notes.forget();
    }

    private Api planner() {
        return suite.api(Service.PLANNER);
    }

    @Override
    public void close() {
        notes.close();
        suite.close();
    }
}
