package planted;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Breaks nothing: if this one fails, the others fail for no good reason. */
record Innocent(Instant at, @Nullable String said) {
    int length() {
        return said == null ? 0 : said.length();
    }
}
