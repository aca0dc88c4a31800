package dev.upkeep.verifier.probe;

import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.verifier.core.Reading;
import java.util.List;

/** Looks at a tenant: the port through which the verifier reads, and never changes, anything of it. */
public interface Eyes extends AutoCloseable {
    /**
     * One look at everything asked for, all at once. Blocks, for a few seconds at most, on a virtual thread.
     *
     * @return one reading for each probe and watch; what could not be looked at is a reading too
     */
    List<Reading> look(List<Probe> probes, List<Watch> watches);

    /** Closes them; a look under way may fail. */
    @Override
    void close();
}
