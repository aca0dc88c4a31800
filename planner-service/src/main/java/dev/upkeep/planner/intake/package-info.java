/** REST in: documents, rollouts, enquiries, resolutions. */
@NullMarked
package dev.upkeep.planner.intake;

import org.jspecify.annotations.NullMarked;
