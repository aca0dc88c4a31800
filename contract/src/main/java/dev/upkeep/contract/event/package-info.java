/** What the services tell each other, as sealed families of records; how it is written as JSON is wire's matter. */
@NullMarked
package dev.upkeep.contract.event;

import org.jspecify.annotations.NullMarked;
