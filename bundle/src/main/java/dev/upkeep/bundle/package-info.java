/** A release with all its artifacts in one signed file, for a site without a network: made, signed, checked, loaded. */
@NullMarked
package dev.upkeep.bundle;

import org.jspecify.annotations.NullMarked;
