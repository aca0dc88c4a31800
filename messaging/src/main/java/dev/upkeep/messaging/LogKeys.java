package dev.upkeep.messaging;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * What a log line is about, beside its message: {@code tenant}, {@code upgrade}, {@code step}, {@code eventId} and their
 * like, which JSON logs show as fields of their own.
 */
public final class LogKeys {
    private final Map<String, String> keys;

    private LogKeys(Map<String, String> keys) {
        this.keys = keys;
    }

    /** Keys and their values by turns; a key whose value is null or empty is left out. */
    public static LogKeys of(@Nullable Object... keysAndValues) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (int i = 0; i + 1 < keysAndValues.length; i += 2) {
            String value = String.valueOf(keysAndValues[i + 1]);
            if (!value.isEmpty() && !value.equals("null")) {
                keys.put(String.valueOf(keysAndValues[i]), value);
            }
        }
        return new LogKeys(keys);
    }

    /** Writes lines that are about these. */
    public void log(Runnable lines) {
        keys.forEach(MDC::put);
        try {
            lines.run();
        } finally {
            keys.keySet().forEach(MDC::remove);
        }
    }
}
