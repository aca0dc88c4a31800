/** Loads, decides, saves and enqueues, one transaction at a time; and has notices delivered. */
@NullMarked
package dev.upkeep.notifier.desk;

import org.jspecify.annotations.NullMarked;
