package dev.upkeep.sample.writer;

import java.util.List;

/**
 * Where every acknowledged write was found.
 *
 * @param acknowledged all of them
 * @param found in the database, or overwritten by a later write that is accounted for
 * @param itemised in a gap report, and not in the database
 * @param missing neither: lost without a word
 * @param unasked writes that were refused and are in the database all the same
 */
public record Account(long acknowledged, long found, long itemised, List<Missing> missing, List<Write> unasked) {
    public Account {
        missing = List.copyOf(missing);
        unasked = List.copyOf(unasked);
        if (acknowledged != found + itemised + missing.size()) {
            throw new IllegalArgumentException("the account does not add up");
        }
    }

    /** An acknowledged write that is nowhere, and what was there instead. */
    public record Missing(Write write, String because) {}

    public boolean whole() {
        return missing.isEmpty();
    }
}
