/** How a tenant is read: over HTTP, from its metrics, from its database's catalogue. */
@NullMarked
package dev.upkeep.verifier.probe;

import org.jspecify.annotations.NullMarked;
