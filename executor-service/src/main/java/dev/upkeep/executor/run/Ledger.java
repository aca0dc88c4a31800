package dev.upkeep.executor.run;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Step runs and their leases, durable, by the database's clock; its methods block.
 *
 * <p>Failure: a method that throws has changed nothing, or has but nobody was told; each may be called again.
 */
public interface Ledger {
    /**
     * Takes the lease of runs that are accepted, or whose lease has run out; committed before it returns.
     *
     * @param capacity how many of each driver
     */
    List<Claim> claim(Map<String, Integer> capacity, Duration lease);

    /**
     * Renews leases.
     *
     * @param progress what each has said last
     * @return those still held, true if superseded by a higher token meanwhile; what is missing was lost
     */
    Map<Claim, Boolean> renew(Map<Claim, String> progress, Duration lease);

    /**
     * Saves what came of claims and queues the results, in one transaction.
     *
     * @return the claims that were still held; the others' results are dropped, since somebody else has the lease
     */
    List<Claim> end(List<Ended> ended);

    /** Says of claims that they have begun. */
    void begun(List<Claim> claims);

    /** Gives leases back, for anybody to take at once. */
    void release(List<Claim> claims);
}
