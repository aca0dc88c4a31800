package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.cli.Upkeep;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.key.SigningKey;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever can write to the planner's database can't hide from the command line. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class AuditTest {
    @TestHTTPResource
    URL url;

    @Part
    Database database;

    @TempDir
    Path directory;

    private Planner planner;
    private Path token;
    private String said = "";
    private boolean kept;

    @BeforeEach
    void connect() throws IOException {
        planner = new Planner(url.toString());
        token = Files.writeString(directory.resolve("token"), Tokens.everyRole());
    }

    @Test
    void findsNothingWrongWithLogsThatNobodyTouched() {
        fleet("clean");

        assertThat(verify("--tenant", "clean-a")).as(said).isZero();
        assertThat(verify("--product", "clean")).as(said).isZero();
        assertThat(said).contains("1 chains of 3 links");
    }

    @Test
    void findsAnEditedTextAtItsPlace() {
        fleet("edited");
        sql("update timeline set text = 'nothing happened' where chain = 'tenant:edited-a' and place = 2");

        assertThat(verify("--tenant", "edited-a")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:edited-a, place 2:");
        assertThat(verify("--tenant", "edited-b")).isZero();
    }

    @Test
    void findsEditedDetailsAndWhatALineWasAbout() {
        fleet("detailed");
        sql("update timeline set details = '{\"version\":\"9.9.9\"}' where chain = 'product:detailed' and place = 2");
        sql("update timeline set upgrade = 'u-another' where chain = 'tenant:detailed-a' and place = 2");

        assertThat(verify("--product", "detailed")).isEqualTo(1);
        assertThat(said).startsWith("✗ product:detailed, place 2:");
        assertThat(verify("--tenant", "detailed-a")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:detailed-a, place 2:");
    }

    @Test
    void findsALineThatWasTakenOutOfTheMiddle() {
        fleet("holed");
        sql("delete from timeline where chain = 'product:holed' and place = 2");

        assertThat(verify("--product", "holed")).isEqualTo(1);
        assertThat(said).startsWith("✗ product:holed, place 2: it is missing");
    }

    @Test
    void findsAnEndThatWasCutOffEvenIfTheOwnerWasToldSo() {
        fleet("cut");
        sql("delete from timeline where chain = 'tenant:cut-a' and place = 2");
        assertThat(verify("--tenant", "cut-a")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:cut-a, place 2: the end was cut off: tenant:cut-a knows of 2 places");

        sql("update tenant set chain_place = 1, chain_hash = (select hash from timeline where chain = 'tenant:cut-a'"
                + " and place = 1) where id = 'cut-a'");
        assertThat(verify("--tenant", "cut-a")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:cut-a, place 2: the end was cut off: head ");
    }

    @Test
    void findsTwoLinesThatChangedPlaces() {
        fleet("swapped");
        sql("update timeline t set text = o.text, kind = o.kind, details = o.details from timeline o"
                + " where t.chain = 'product:swapped' and o.chain = t.chain"
                + " and (t.place, o.place) in ((2, 3), (3, 2))");

        assertThat(verify("--product", "swapped")).isEqualTo(1);
        assertThat(said).startsWith("✗ product:swapped, place 2:");
    }

    @Test
    void findsAWholeChainThatIsGoneWithItsOwner() {
        fleet("gone");
        assertThat(verify("--all")).as(said).isZero();

        sql("delete from timeline where chain = 'tenant:gone-a'");
        sql("delete from tenant where id = 'gone-a'");

        assertThat(verify("--tenant", "gone-a")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:gone-a, place 1: the whole chain is gone");
        assertThat(verify("--all")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:gone-a, place 1: the whole chain is gone");
        assertThat(verify("--tenant", "never-there")).isEqualTo(5);
    }

    @Test
    void findsLinesOfATenantThatIsNotThere() {
        fleet("ghost");
        sql("update timeline set chain = 'tenant:ghost-c' where chain = 'tenant:ghost-a'");

        assertThat(verify("--all")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:ghost-a, place 1: the end was cut off");
        sql("delete from tenant where id = 'ghost-a'");
        assertThat(verify("--all")).isEqualTo(1);
        assertThat(said).startsWith("✗ tenant:ghost-c, place 1: there is no tenant:ghost-c");
    }

    @Test
    void findsAHistoryThatWasWrittenAnewWithAllItsHashes() throws Exception {
        fleet("anew");
        // Whoever knows how hashes are made needs no key for them: a new past, and the owner told of it.
        sql("update timeline set text = 'registered with anew 9.9.9' where chain = 'tenant:anew-a' and place = 1");
        rehash("anew-a");

        assertThat(verify("--tenant", "anew-a")).isEqualTo(1);
        assertThat(said).contains("✗ tenant:anew-a, place 2: head ").contains("written anew");
        assertThat(verify("--all")).isEqualTo(1);
        Path none = Files.createFile(directory.resolve("none.jsonl"));
        assertThat(verify("--tenant", "anew-a", "--heads", none.toString()))
                .as("without a head nothing tells it")
                .isZero();
    }

    @Test
    void findsAForgedHeadAndOneThatWasTakenOut() throws IOException {
        fleet("headed");
        List<String> lines = new ArrayList<>();
        try (var files = Files.list(configured("upkeep.audit.heads"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        Path heads = directory.resolve("heads.jsonl");
        Files.write(heads, lines);
        assertThat(verify("--tenant", "headed-a", "--heads", heads.toString()))
                .as(said)
                .isZero();

        List<String> forged = new ArrayList<>(lines);
        forged.replaceAll(line -> line.contains("tenant:headed-a") ? line.replace("\"place\":2", "\"place\":1") : line);
        Files.write(heads, forged);
        assertThat(verify("--tenant", "headed-a", "--heads", heads.toString())).isEqualTo(1);
        assertThat(said).contains("it is forged");

        List<String> fewer = new ArrayList<>(lines);
        fewer.remove(lines.size() - 2);
        Files.write(heads, fewer);
        assertThat(verify("--tenant", "headed-a", "--heads", heads.toString())).isEqualTo(1);
        assertThat(said).contains("one was taken out");
    }

    @Test
    void signsWithAKeyThatOnlyItsOwnerReads() throws IOException {
        Path key = configured("upkeep.audit.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        fleet("keyed");
        Path another = directory.resolve("another.pub");
        Files.writeString(another, SigningKey.at(directory.resolve("another")).publicPem());

        assertThat(verify(
                        "--tenant",
                        "keyed-a",
                        "--key",
                        key.resolveSibling("planner.key.pub").toString()))
                .as(said)
                .isZero();
        assertThat(verify("--tenant", "keyed-a", "--key", another.toString())).isEqualTo(1);
        assertThat(said).contains("not signed by this key");
    }

    @Test
    void showsALogAndPublishesItsHeads() {
        fleet("shown");

        assertThat(upkeep("audit", "show", "--product", "shown")).isZero();
        assertThat(said.lines().map(line -> line.replaceAll("\\s+", " ")).toList())
                .anyMatch(line -> line.startsWith("1 ") && line.contains("product-registered"))
                .anyMatch(line -> line.startsWith("3 ") && line.contains("release 1.1.0 was published"));
        assertThat(upkeep("audit", "heads", "--publish")).isZero();
        assertThat(said).contains("\"chain\":\"tenant:shown-b\"");
    }

    /** Two tenants with a line each for their registration and for an upgrade that was planned; heads are published. */
    private void fleet(String name) {
        planner.registerSample(name, true, Map.of(name + "-a", "general", name + "-b", "general"));
        planner.ok(planner.put("/v1/tenants/" + name + "-a", Planner.tenant(name + "-a", name, "canary")));
        planner.ok(planner.put("/v1/tenants/" + name + "-b", Planner.tenant(name + "-b", name, "canary")));
        assertThat(upkeep("audit", "heads", "--publish")).as(said).isZero();
        keep();
    }

    /** Puts back what the test has done to the log, so that the next one finds it whole. */
    @AfterEach
    void restore() {
        if (kept) {
            run("truncate timeline");
            run("insert into timeline overriding system value select * from kept_timeline");
            String columns = stored("tenant");
            run("insert into tenant (" + columns + ") select " + columns
                    + " from kept_tenant on conflict (id) do update"
                    + " set chain_place = excluded.chain_place, chain_hash = excluded.chain_hash");
        }
    }

    /** A table's columns but for those that it computes itself. */
    private String stored(String table) {
        try (Connection connection = database.connect();
                Statement reading = connection.createStatement();
                ResultSet rows = reading.executeQuery("select string_agg(quote_ident(column_name), ', ') from"
                        + " information_schema.columns where is_generated = 'NEVER' and table_name = '" + table
                        + "'")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void keep() {
        run("drop table if exists kept_timeline, kept_tenant");
        run("create table kept_timeline as table timeline");
        run("create table kept_tenant as table tenant");
        kept = true;
    }

    private void rehash(String tenant) throws SQLException, IOException {
        String chain = "tenant:" + tenant;
        String hash = Link.ORIGIN;
        try (Connection connection = database.connect();
                Statement reading = connection.createStatement();
                ResultSet rows =
                        reading.executeQuery("select place, at, tenant, kind, step, text, details from timeline"
                                + " where chain = '" + chain + "' order by place")) {
            while (rows.next()) {
                Map<String, String> details =
                        new ObjectMapper().readValue(rows.getString("details"), new TypeReference<>() {});
                hash = Link.hash(
                        chain,
                        rows.getLong("place"),
                        hash,
                        rows.getObject("at", OffsetDateTime.class).toInstant(),
                        new Link.About("", rows.getString("tenant"), ""),
                        rows.getString("kind"),
                        rows.getString("step"),
                        rows.getString("text"),
                        details);
                sql("update timeline set hash = '" + hash + "' where chain = '" + chain + "' and place = "
                        + rows.getLong("place"));
            }
        }
        sql("update tenant set chain_hash = '" + hash + "' where id = '" + tenant + "'");
    }

    private int verify(String... arguments) {
        List<String> line = new ArrayList<>(List.of("audit", "verify"));
        line.addAll(List.of(arguments));
        return upkeep(line.toArray(String[]::new));
    }

    private int upkeep(String... arguments) {
        StringWriter out = new StringWriter();
        List<String> line = new ArrayList<>(List.of(arguments));
        line.add("--planner=" + url);
        line.add("--token-file=" + token);
        int code = Upkeep.execute(new PrintWriter(out), new PrintWriter(out), line.toArray(String[]::new));
        said = out.toString();
        return code;
    }

    private void sql(String statement) {
        assertThat(run(statement)).as(statement).isPositive();
    }

    private int run(String statement) {
        try (Connection connection = database.connect();
                Statement running = connection.createStatement()) {
            return running.executeUpdate(statement);
        } catch (SQLException e) {
            throw new AssertionError(statement, e);
        }
    }

    private static Path configured(String name) {
        return Path.of(ConfigProvider.getConfig().getValue(name, String.class));
    }
}
