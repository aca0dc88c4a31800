package dev.upkeep.sample;

import java.util.UUID;

/** A request that inkwell cannot take as it stands: which field, and what would be right. */
final class Refusal extends RuntimeException {
    private static final int UUID_LENGTH = 36;

    private final String field;

    Refusal(String field, String advice) {
        super(field + " " + advice);
        this.field = field;
    }

    String field() {
        return field;
    }

    static UUID uuid(String field, String text) {
        try {
            if (text.length() == UUID_LENGTH) {
                return UUID.fromString(text);
            }
        } catch (IllegalArgumentException e) {
            // The refusal below says it better.
        }
        throw new Refusal(field, "is " + text + "; give a UUID");
    }
}
