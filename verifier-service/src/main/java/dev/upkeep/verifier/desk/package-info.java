/** Takes bakes in, takes looks, decides and says: one transaction each. */
@NullMarked
package dev.upkeep.verifier.desk;

import org.jspecify.annotations.NullMarked;
