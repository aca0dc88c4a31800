/** The audit log as others can check it: what a link's hash covers, what a published head's signature covers. */
@NullMarked
package dev.upkeep.contract.audit;

import org.jspecify.annotations.NullMarked;
