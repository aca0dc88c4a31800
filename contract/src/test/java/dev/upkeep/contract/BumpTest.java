package dev.upkeep.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BumpTest {
    @ParameterizedTest
    @CsvSource({
        "1.4.2, 1.4.3, PATCH",
        "1.4.2, 1.5.0, MINOR",
        "1.4.2, 2.0.0, MAJOR",
        "0.1.0, 0.2.0, MINOR",
        "1.4.2, 1.5.0-rc.1, MINOR",
        "1.5.0-rc.1, 1.5.0-rc.2, MINOR",
        "1.5.0-rc.1, 1.5.0, MINOR",
        "1.5.0-rc.1, 1.5.1, MINOR",
        "2.0.0-rc.1, 2.0.0, MAJOR",
        "2.0.0-rc.1, 2.0.1, MAJOR",
        "1.4.3-rc.1, 1.4.3, PATCH",
        "1.4.3-rc.1, 2.0.0, MAJOR",
        "1.4.2+build.1, 1.4.3+build.9, PATCH"
    })
    void classifiesAWayByItsNumbersAndAWayFromAPreReleaseByTheLineThatItPrecedes(String from, String to, Bump bump) {
        assertThat(Bump.between(Version.of(from), Version.of(to))).isEqualTo(bump);
    }
}
