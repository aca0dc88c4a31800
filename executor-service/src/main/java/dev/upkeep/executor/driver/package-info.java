/**
 * The port through which steps are carried out, and what its adapters share.
 *
 * <p>An adapter lives in a package of its own below this one, and never imports another adapter.
 */
@NullMarked
package dev.upkeep.executor.driver;

import org.jspecify.annotations.NullMarked;
