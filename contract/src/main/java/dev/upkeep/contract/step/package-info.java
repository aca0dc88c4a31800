/** The vocabulary of steps: what may be done to a component, and with which facts. */
@NullMarked
package dev.upkeep.contract.step;

import org.jspecify.annotations.NullMarked;
