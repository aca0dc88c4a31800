/** Secrets by reference, and files that only who has the key can read. Plain Java, so that each process may use it. */
@NullMarked
package dev.upkeep.secrets;

import org.jspecify.annotations.NullMarked;
