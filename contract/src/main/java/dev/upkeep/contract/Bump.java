package dev.upkeep.contract;

/** What separates two versions. */
public enum Bump {
    PATCH,
    MINOR,
    MAJOR;

    /** The class of the way from one version to a later one. */
    public static Bump between(Version from, Version to) {
        if (from.major() != to.major()) {
            return MAJOR;
        }
        return from.minor() != to.minor() ? MINOR : PATCH;
    }
}
