/** Who is told what, in which words, and when a delivery is tried again: pure functions. */
@NullMarked
package dev.upkeep.notifier.core;

import org.jspecify.annotations.NullMarked;
