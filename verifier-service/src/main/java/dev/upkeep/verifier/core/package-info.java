/** Judging: what was seen goes in, a verdict comes out. Pure Java, no clock, no I/O. */
@NullMarked
package dev.upkeep.verifier.core;

import org.jspecify.annotations.NullMarked;
