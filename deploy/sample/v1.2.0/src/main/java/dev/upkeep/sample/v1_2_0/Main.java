package dev.upkeep.sample.v1_2_0;

import dev.upkeep.sample.Inkwell;

/** Starts inkwell 1.2.0. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Inkwell.run(new PlainShelf());
    }
}
