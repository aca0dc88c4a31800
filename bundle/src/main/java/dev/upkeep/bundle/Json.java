package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in the one way that Upkeep writes it: whoever changes a byte of it is found out. */
final class Json {
    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static byte[] bytes(JsonNode tree) {
        return Text.canonical(tree).getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #bytes} wrote; anything that it would have written otherwise is refused. */
    static JsonNode canonical(String what, byte[] bytes) throws BundleRefused {
        JsonNode tree = any(what, bytes);
        if (!Arrays.equals(bytes(tree), bytes)) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    what + " is not written in the canonical form",
                    "take a bundle as `upkeep bundle create` or `sign` wrote it");
        }
        return tree;
    }

    /** Reads any JSON in which no key stands twice. */
    static JsonNode any(String what, byte[] bytes) throws BundleRefused {
        try {
            return Text.tree(new String(bytes, StandardCharsets.UTF_8), false);
        } catch (Refused refused) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    what + ": " + refused.problems().getFirst().detail(),
                    "take the file that was signed");
        }
    }
}
