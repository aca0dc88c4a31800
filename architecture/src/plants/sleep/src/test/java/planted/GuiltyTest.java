package planted;

/** Waits by the clock and not for the thing. */
final class GuiltyTest {
    private GuiltyTest() {}

    static void waits() throws InterruptedException {
        Thread.sleep(100);
    }
}
