package dev.upkeep.contract.step;

import java.util.Set;

/**
 * One change of schema that a release brings.
 *
 * @param id as the migration tool knows it, such as {@code 2}
 * @param reversible whether the release ships a way to take it back without losing data
 * @param transactional whether it applies wholly or not at all
 * @param traits what else its author promises of it; absent in what was written before there were any
 */
public record Migration(String id, boolean reversible, boolean transactional, Set<Trait> traits) {
    public Migration {
        traits = Set.copyOf(traits);
        if (id.isBlank()) {
            throw new IllegalArgumentException("a migration's id must not be blank");
        }
    }

    /** One of which nothing else is promised. */
    public Migration(String id, boolean reversible, boolean transactional) {
        this(id, reversible, transactional, Set.of());
    }

    /** A promise; what is not promised is taken as not so. */
    public enum Trait {
        /** Running it again does no harm, also where it was applied in part: it is idempotent. */
        REPEATABLE,
        /** It only adds what the version before does not see, so that both versions work on what it leaves. */
        ADDITIVE
    }

    /** Whether a failed attempt may be followed by another without a person looking. */
    public boolean mayRunAgain() {
        return transactional || traits.contains(Trait.REPEATABLE);
    }

    /** Whether the version before works on what it leaves. */
    public boolean additive() {
        return traits.contains(Trait.ADDITIVE);
    }
}
