/** The small reverse proxy in front of a tenant, asked over its admin port. */
@NullMarked
package dev.upkeep.executor.driver.gate;

import org.jspecify.annotations.NullMarked;
