package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Lists come in pages with a cursor; here they become one. */
final class Pages {
    private Pages() {}

    /** Every item of every page of a list. */
    static ArrayNode all(Api api, String path) {
        ArrayNode items = new ObjectMapper().createArrayNode();
        String next = "";
        do {
            String separator = path.contains("?") ? "&" : "?";
            JsonNode page = api.get(
                    next.isEmpty()
                            ? path
                            : path + separator + "cursor=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
            (page.isArray() ? page : page.path("items")).forEach(items::add);
            next = page.path("next").asText("");
        } while (!next.isEmpty());
        return items;
    }
}
