package planted;

/** Writes a number that a machine will read, in the digits of wherever it runs. */
final class Guilty {
    private Guilty() {}

    static String line(long token) {
        return String.format("%019d", token);
    }
}
