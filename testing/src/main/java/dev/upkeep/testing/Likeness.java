package dev.upkeep.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Whether an answer is like the one that an example shows.
 *
 * <p>Where the example has an id, the one that is answered stands for it from then on. Times, days, hashes and cursors are
 * alike whatever they say. An object with the key {@value #MORE} may be answered with more keys than the example has; a
 * list whose last item is {@value #MORE}, with more items.
 */
final class Likeness {
    private static final String MORE = "…";
    private static final Pattern ID = Pattern.compile("\\b[a-z]{1,3}-[0-9a-f]{8,12}\\b");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?(\\.\\d+)?Z");
    private static final Pattern DATE = Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\d\\b");
    private static final Pattern CURSOR = Pattern.compile("\\d{1,19}-\\d{1,18}");
    private static final Pattern HASH = Pattern.compile("\\b[0-9a-f]{64}\\b");

    private final ObjectMapper json = new ObjectMapper();
    /** The service's ids by those of the examples. */
    private final Map<String, String> ids = new LinkedHashMap<>();

    /** What stands for a text of the examples from the start. */
    void with(String shown, String ours) {
        ids.put(shown, ours);
    }

    /** A text with the service's ids in the place of the example's. */
    String ours(String text) {
        String ours = text;
        for (Map.Entry<String, String> id : ids.entrySet()) {
            ours = ours.replace(id.getKey(), id.getValue());
        }
        return ours;
    }

    /** Adds what is answered otherwise than shown, a sentence each. */
    void compare(String shows, String at, JsonNode shown, JsonNode answered, List<String> wrong) {
        if (shown.isObject() && answered.isObject()) {
            boolean more = shown.has(MORE);
            shown.properties().forEach(property -> {
                String name = property.getKey();
                if (!name.equals(MORE)) {
                    compare(shows, at + "/" + name, property.getValue(), answered.path(name), wrong);
                }
            });
            answered.fieldNames().forEachRemaining(name -> {
                if (!more && !shown.has(name)) {
                    wrong.add(shows + " answers " + at + "/" + name + ", which the example does not show");
                }
            });
        } else if (shown.isArray() && answered.isArray()) {
            int last = shown.size() - 1;
            boolean more = last >= 0 && shown.get(last).asText().equals(MORE);
            int items = more ? last : shown.size();
            if (answered.size() < items || !more && answered.size() > items) {
                wrong.add(shows + " answers " + answered.size() + " items at " + at + ", and the example shows "
                        + shown.size());
                return;
            }
            for (int i = 0; i < items; i++) {
                compare(shows, at + "/" + i, shown.get(i), answered.get(i), wrong);
            }
        } else if (shown.isTextual() && answered.isTextual()) {
            if (!same(shown.asText(), answered.asText())) {
                wrong.add(shows + " answers '" + answered.asText() + "' at " + at + ", and the example shows '"
                        + shown.asText() + "'");
            }
        } else if (!shown.equals(answered) && !(shown.isMissingNode() && at.isEmpty() && answered.isEmpty())) {
            wrong.add(shows + " answers " + answered + " at " + at + ", and the example shows " + shown);
        }
    }

    private boolean same(String shown, String answered) {
        return learn(shown, answered) && plain(ours(shown)).equals(plain(answered));
    }

    private static String plain(String text) {
        if (CURSOR.matcher(text).matches()) {
            return "<cursor>";
        }
        String timeless = DATE.matcher(TIME.matcher(text).replaceAll("<time>")).replaceAll("<date>");
        return HASH.matcher(timeless).replaceAll("<hash>");
    }

    /** Learns which ids stand for the example's; false if there are not as many. */
    private boolean learn(String shown, String answered) {
        List<String> theirs = ID.matcher(shown).results().map(r -> r.group()).toList();
        List<String> ours = ID.matcher(answered).results().map(r -> r.group()).toList();
        if (theirs.size() != ours.size()) {
            return false;
        }
        Iterator<String> each = ours.iterator();
        theirs.forEach(id -> ids.putIfAbsent(id, each.next()));
        return true;
    }

    /** Learns the ids of an answer. */
    void learn(JsonNode shown, JsonNode answered) {
        if (shown.isTextual() && answered.isTextual()) {
            learn(shown.asText(), answered.asText());
        }
        if (shown.isObject()) {
            shown.properties().forEach(p -> learn(p.getValue(), answered.path(p.getKey())));
        }
        for (int i = 0; shown.isArray() && i < Math.min(shown.size(), answered.size()); i++) {
            learn(shown.get(i), answered.get(i));
        }
    }

    /** An answer as an example shows it: with the example's ids, and with no more than it showed before. */
    JsonNode recorded(JsonNode shown, JsonNode answered) {
        if (answered.isObject()) {
            ObjectNode kept = json.createObjectNode();
            answered.properties().forEach(p -> {
                if (!shown.has(MORE) || shown.has(p.getKey())) {
                    kept.set(p.getKey(), recorded(shown.path(p.getKey()), p.getValue()));
                }
            });
            if (shown.has(MORE)) {
                kept.set(MORE, shown.get(MORE));
            }
            return kept;
        }
        if (answered.isArray()) {
            boolean more =
                    !shown.isEmpty() && shown.get(shown.size() - 1).asText().equals(MORE);
            ArrayNode kept = json.createArrayNode();
            for (int i = 0; i < (more ? Math.min(shown.size() - 1, answered.size()) : answered.size()); i++) {
                kept.add(recorded(shown.path(i), answered.get(i)));
            }
            if (more) {
                kept.add(MORE);
            }
            return kept;
        }
        if (answered.isTextual()) {
            String text = answered.asText();
            for (Map.Entry<String, String> id : ids.entrySet()) {
                text = text.replace(id.getValue(), id.getKey());
            }
            return TextNode.valueOf(text);
        }
        return answered;
    }
}
