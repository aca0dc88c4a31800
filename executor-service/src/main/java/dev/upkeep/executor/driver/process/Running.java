package dev.upkeep.executor.driver.process;

import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;

/**
 * The process that a component runs as.
 *
 * @param birth tells it from a later process with the same pid
 * @param token of the attempt that started it
 */
record Running(long pid, String birth, Version version, Token token) {
    boolean alive() {
        return ProcessTable.find(pid)
                .filter(entry -> entry.birth().equals(birth))
                .isPresent();
    }
}
