package planted;

import java.util.Map;

/** Takes it that a map has what it is asked for. */
record Guilty(Map<String, String> words) {
    int length(String key) {
        return words.get(key).length();
    }
}
