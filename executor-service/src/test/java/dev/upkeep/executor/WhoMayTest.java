package dev.upkeep.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.testing.EveryEndpoint;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every endpoint that there is, called by everybody who must not. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class WhoMayTest {
    private static final Map<String, String> VICTIMS = Map.of("tenant", "acme", "account", "acme-inc");

    @TestHTTPResource
    URI root;

    private EveryEndpoint every;

    @BeforeEach
    void read() {
        every = EveryEndpoint.of(root, "executor", Path.of("../docs/reference/roles.md"));
        assertThat(every.count()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void nobodyGetsInWithoutAToken() {
        assertThat(every.openToNobody()).isEmpty();
    }

    @Test
    void aViewerChangesNothing() {
        assertThat(every.changedByAViewer()).isEmpty();
    }

    @Test
    void aCustomerSeesNothingHere() {
        assertThat(every.seenByAnotherCustomer(VICTIMS, "acme")).isEmpty();
    }

    @Test
    void everyRoleMayWhatTheTableSaysAndNothingElse() {
        assertThat(every.otherThanTheTableSays(VICTIMS, "acme-inc")).isEmpty();
    }

    @Test
    void healthFiguresAndTheDocumentStayOpen() {
        assertThat(every.closedToEverybody()).isEmpty();
    }
}
