/** The words that the services share: identities, versions, digests. Pure Java, no framework. */
@NullMarked
package dev.upkeep.contract;

import org.jspecify.annotations.NullMarked;
