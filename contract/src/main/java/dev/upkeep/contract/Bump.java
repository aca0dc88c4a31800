package dev.upkeep.contract;

/** What separates two versions. */
public enum Bump {
    PATCH,
    MINOR,
    MAJOR;

    /**
     * The class of the way from one version to a later one.
     *
     * <p>A pre-release promises nothing of what it precedes: what follows {@code 2.0.0-rc.1} is as great a step as
     * {@code 2.0.0} itself.
     */
    public static Bump between(Version from, Version to) {
        Bump byNumbers = from.major() != to.major() ? MAJOR : from.minor() != to.minor() ? MINOR : PATCH;
        if (from.preRelease().isEmpty()) {
            return byNumbers;
        }
        Bump ofItsLine = from.patch() != 0 ? PATCH : from.minor() != 0 ? MINOR : MAJOR;
        return ofItsLine.compareTo(byNumbers) > 0 ? ofItsLine : byNumbers;
    }
}
