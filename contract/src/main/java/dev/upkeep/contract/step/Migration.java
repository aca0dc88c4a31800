package dev.upkeep.contract.step;

/**
 * One change of schema that a release brings.
 *
 * @param id as the migration tool knows it, such as {@code 2}
 * @param reversible whether the release ships a way to take it back without losing data
 * @param transactional whether it applies wholly or not at all
 */
public record Migration(String id, boolean reversible, boolean transactional) {
    public Migration {
        if (id.isBlank()) {
            throw new IllegalArgumentException("a migration's id must not be blank");
        }
    }
}
