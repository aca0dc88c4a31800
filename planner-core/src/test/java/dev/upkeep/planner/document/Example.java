package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.planner.core.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The documents that say everything that can be said, and what comes of changing them. */
final class Example {
    private Example() {}

    static String text(String kind) {
        try {
            return Files.readString(Path.of("src/test/resources/documents/" + kind + ".yaml"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Product product() {
        try {
            return ProductDocument.read(Text.tree(text("product"), true));
        } catch (Refused refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
    }

    /** The same with one thing changed, which must be there. */
    static String changed(String kind, String what, String to) {
        String text = text(kind);
        assertThat(text).contains(what);
        return text.replace(what, to);
    }

    static List<Problem> problems(ThrowingCallable reading) {
        Refused refused = catchThrowableOfType(Refused.class, reading);
        assertThat(refused).as("refusal").isNotNull();
        assertThat(refused.problems()).allSatisfy(p -> {
            assertThat(p.detail()).isNotBlank();
            assertThat(p.fix()).isNotBlank();
        });
        return refused.problems();
    }

    static List<Problem> ofProduct(String what, String to) {
        return problems(() -> ProductDocument.read(Text.tree(changed("product", what, to), true)));
    }

    static List<Problem> ofRelease(String what, String to) {
        return problems(() -> ReleaseDocument.read(Text.tree(changed("release", what, to), true), product()));
    }

    static List<Problem> ofTenant(String what, String to) {
        return problems(() -> TenantDocument.read(Text.tree(changed("tenant", what, to), true), product()));
    }
}
