package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceLogTest {
    @Test
    void namesTheInnermostCauseOfTheLastError(@TempDir Path directory) throws Exception {
        Path log = Files.write(
                directory.resolve("planner.log"),
                List.of(
                        "{'level':'ERROR','message':'an older one'}".replace('\'', '"'),
                        ("{'level':'ERROR','message':'Failed to start application','exception':{'message':'outer',"
                                        + "'causedBy':{'exception':{'message':'No space left on device\\nmore'}}}}")
                                .replace('\'', '"'),
                        "{'level':'INFO','message':'stopped in 0.1s'}".replace('\'', '"'),
                        "a line that is no JSON"));

        assertThat(ServiceLog.complaint(log)).isEqualTo("Failed to start application: No space left on device");
    }

    @Test
    void saysNothingOfALogThatIsNotThere(@TempDir Path directory) {
        assertThat(ServiceLog.complaint(directory.resolve("none"))).isEmpty();
    }

    @Test
    void namesTheChecksThatAreDown() {
        assertThat(ServiceLog.down("""
                        {"status": "DOWN", "checks": [
                          {"name": "messaging", "status": "DOWN", "data": {"broker": "does not answer"}},
                          {"name": "steps", "status": "UP"}]}
                        """)).isEqualTo("messaging is down {\"broker\":\"does not answer\"}");
    }
}
