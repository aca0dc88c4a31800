/** The gate: a small reverse proxy in front of one tenant, which turns requests away while the tenant is parked. */
@NullMarked
package dev.upkeep.gate;

import org.jspecify.annotations.NullMarked;
