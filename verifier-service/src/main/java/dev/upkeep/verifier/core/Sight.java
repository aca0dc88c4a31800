package dev.upkeep.verifier.core;

import java.util.Optional;

/**
 * What has been seen of one probe over a bake.
 *
 * @param looks how often it was looked
 * @param passed how often it passed
 * @param blind how often it could not be looked
 * @param failedInARow how often it has not passed since it last did
 * @param last what was found last
 * @param lastBad what was found when it last did not pass
 */
public record Sight(int looks, int passed, int blind, int failedInARow, String last, Optional<String> lastBad) {
    static final Sight NONE = new Sight(0, 0, 0, 0, "", Optional.empty());

    Sight passed(String found) {
        return new Sight(looks + 1, passed + 1, blind, 0, found, lastBad);
    }

    Sight notPassed(String found) {
        return new Sight(looks + 1, passed, blind, failedInARow + 1, found, Optional.of(found));
    }

    Sight blind(String why) {
        return new Sight(looks + 1, passed, blind + 1, failedInARow, why, lastBad);
    }

    int failed() {
        return looks - passed - blind;
    }
}
