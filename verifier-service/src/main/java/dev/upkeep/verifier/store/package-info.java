/** Bakes and observations in PostgreSQL; rows never leave this room. */
@NullMarked
package dev.upkeep.verifier.store;

import org.jspecify.annotations.NullMarked;
