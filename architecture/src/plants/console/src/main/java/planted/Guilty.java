package planted;

/** Talks to a console that a service does not have. */
final class Guilty {
    private Guilty() {}

    static void say(String word) {
        System.out.println(word);
    }
}
