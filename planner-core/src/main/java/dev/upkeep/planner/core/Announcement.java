package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * What people were told of an upgrade before it starts.
 *
 * @param revision 1 for the first; each later one is told anew
 * @param countsFrom the revision from which on the notice runs: a later date is told, but starts no clock
 * @param countsAt when that revision was announced
 * @param bump what was announced
 * @param downtime for how long the tenant would not be served
 * @param notBefore the earliest start that was announced
 */
public record Announcement(
        int revision, int countsFrom, Instant countsAt, Bump bump, Duration downtime, Instant notBefore) {
    public Announcement {
        Objects.requireNonNull(countsAt, "countsAt");
        Objects.requireNonNull(bump, "bump");
        Objects.requireNonNull(downtime, "downtime");
        Objects.requireNonNull(notBefore, "notBefore");
        if (countsFrom < 1 || revision < countsFrom) {
            throw new IllegalArgumentException(
                    "revision " + revision + " can't count from revision " + countsFrom + ": both are 1 or more");
        }
    }

    /** The first one. */
    static Announcement first(Impact impact, Instant notBefore, Instant now) {
        return new Announcement(1, 1, now, impact.bump(), impact.downtime(), notBefore);
    }

    /** One whose notice runs from now on. */
    Announcement again(Impact impact, Instant earliest, Instant now) {
        return new Announcement(revision + 1, revision + 1, now, impact.bump(), impact.downtime(), earliest);
    }

    /** One that moves the date back and lets the notice run on. */
    Announcement later(Instant date) {
        return new Announcement(revision + 1, countsFrom, countsAt, bump, downtime, date);
    }

    /** What an upgrade does to those who use the tenant. */
    record Impact(Bump bump, Duration downtime) {
        Impact {
            Objects.requireNonNull(bump, "bump");
            Objects.requireNonNull(downtime, "downtime");
        }

        boolean isGreaterThan(Announcement told) {
            return bump.compareTo(told.bump()) > 0 || downtime.compareTo(told.downtime()) > 0;
        }
    }
}
