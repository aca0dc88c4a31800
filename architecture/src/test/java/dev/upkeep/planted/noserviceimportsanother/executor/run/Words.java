package dev.upkeep.planted.noserviceimportsanother.executor.run;

/** What belongs to the executor. */
public final class Words {
    /** A word. */
    public static final String OF_THE_EXECUTOR = "step";
}
