package planted;

/** Lies in a package that does not say what may be null. */
final class Guilty {
    private Guilty() {}
}
