package dev.upkeep.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFailureTest {
    private static final Path LOG = Path.of("/state/postgres.log");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PANIC: could not write to file "pg_wal/xlogtemp.9": No space left on device | DISK_FULL
                    LOG: could not bind IPv4 address "127.0.0.1": Address already in use        | PORT_TAKEN
                    FATAL: could not open file "data/global/pg_control": Permission denied      | NO_PERMISSION
                    unshare: unshare failed: Operation not permitted                            | NO_PERMISSION
                    FATAL: database files are incompatible with server                          | UNREADABLE_STATE
                    FATAL: something nobody has thought of                                      | DIED
                    """)
    void namesTheCauseBehindTheLastWords(String words, StartFailure.Kind kind) {
        StartFailure failure = StartFailure.fromLastWords("PostgreSQL", words, LOG, 5432);

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.fix()).isNotBlank();
    }

    @Test
    void namesTheCauseBehindAFailedFileOperation() {
        assertThat(StartFailure.fromFiles("Kafka", LOG, new IOException("No space left on device"))
                        .kind())
                .isEqualTo(StartFailure.Kind.DISK_FULL);
        assertThat(StartFailure.fromFiles("Kafka", LOG, new AccessDeniedException("/state")))
                .hasMessageContaining("Kafka may not use /state/postgres.log")
                .hasMessageContaining("What to do: give this user the right");
    }
}
