package dev.upkeep.planner.core;

import java.util.Locale;

/** The ways by which a hop can leave its forward way; each is planned before the first step. */
public enum Route {
    /** Nothing that runs was touched: reopen what was parked, end the capture. */
    NOTHING,
    /** Read the schema that is there, to choose one of the three that follow. */
    READING,
    /** The schema is as it was: put the previous version back. */
    UNCHANGED,
    /** The migrations that ran can be reverted without losing data: revert exactly them, put the previous version back. */
    REVERSIBLE,
    /** Restore the proven backup, after the failed state was dumped and the gap exported. */
    IRREVERSIBLE,
    /** A person adopted what was found: reopen what was parked, end the capture. */
    CLOSING;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
