package planted;

/** Compares what it should not with itself. */
record Guilty(String name) {
    boolean same(Guilty other) {
        return name == other.name;
    }
}
