package planted;

import java.time.Instant;

/** Looks at the clock by itself. */
final class Guilty {
    private Guilty() {}

    static Instant now() {
        return Instant.now();
    }
}
