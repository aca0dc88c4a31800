/** The port through which a notice leaves; one package beside this for each adapter. */
@NullMarked
package dev.upkeep.notifier.channel;

import org.jspecify.annotations.NullMarked;
