package dev.upkeep.planner.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text as a sequence of lower-case words. */
record Words(List<String> words) {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    // "Non-breaking" is the opposite of what the second word says.
    private static final Pattern NEGATED = Pattern.compile("(?i)\\bnon-\\p{L}+");
    private static final List<String> ENDINGS = List.of("", "s", "es", "d", "ed", "ing", "al", "als");

    Words {
        words = List.copyOf(words);
    }

    static Words of(String text) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(NEGATED.matcher(text).replaceAll(" "));
        while (word.find()) {
            words.add(word.group().toLowerCase(Locale.ROOT));
        }
        return new Words(words);
    }

    /** Whether these words stand in it, one after the other; {@code remove} stands in it as {@code removed} or {@code removal} too. */
    boolean contain(Words wanted) {
        if (wanted.words().isEmpty()) {
            return false;
        }
        for (int at = 0; at + wanted.words().size() <= words.size(); at++) {
            if (standsAt(wanted, at)) {
                return true;
            }
        }
        return false;
    }

    private boolean standsAt(Words wanted, int at) {
        for (int i = 0; i < wanted.words().size(); i++) {
            if (!isFormOf(words.get(at + i), wanted.words().get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFormOf(String word, String wanted) {
        if (ENDINGS.stream().anyMatch(ending -> word.equals(wanted + ending))) {
            return true;
        }
        String stem = wanted.substring(0, wanted.length() - 1);
        return switch (wanted.charAt(wanted.length() - 1)) {
            case 'e' -> Set.of(stem + "ing", stem + "al", stem + "als").contains(word);
            case 'y' -> Set.of(stem + "ies", stem + "ied").contains(word);
            default -> false;
        };
    }
}
