/** What a database's schema is, normalised so that two services that look at it see the same. */
@NullMarked
package dev.upkeep.contract.schema;

import org.jspecify.annotations.NullMarked;
