/** REST in: bakes and observations to look at. */
@NullMarked
package dev.upkeep.verifier.intake;

import org.jspecify.annotations.NullMarked;
