package dev.upkeep.messaging;

import dev.upkeep.contract.event.Event;
import java.util.Map;

/**
 * Adds to what a service says the headers by which others know that it was this service that said it. A service that says
 * nothing of the kind has none.
 */
public interface Seal {
    /** Whether such an event has any. */
    boolean isFor(Event event);

    /** All headers of such an event; called on a thread that may compute for a while. */
    Map<String, String> headers(String topic, String key, Map<String, String> headers, byte[] body);
}
