/** Who may ask for steps: the signature that a planner puts on each, and what an executor finds wrong with one. */
@NullMarked
package dev.upkeep.contract.signature;

import org.jspecify.annotations.NullMarked;
