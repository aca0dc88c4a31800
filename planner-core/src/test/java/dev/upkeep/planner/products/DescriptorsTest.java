package dev.upkeep.planner.products;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The descriptors of real products: each is taken as it is, and is short. */
class DescriptorsTest {
    static List<String> products() {
        return Shelf.products();
    }

    @ParameterizedTest
    @MethodSource("products")
    void isTakenAndHasNoMoreThan150Lines(String name) throws Exception {
        Shelf shelf = Shelf.of(name);

        assertThat(shelf.product().procedures()).isNotEmpty();
        assertThat(Files.readAllLines(shelf.descriptor())).hasSizeLessThanOrEqualTo(150);
    }
}
