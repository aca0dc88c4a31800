/** Bundles made, changed on their way, and loaded into real registries. */
@NullMarked
package dev.upkeep.bundle;

import org.jspecify.annotations.NullMarked;
