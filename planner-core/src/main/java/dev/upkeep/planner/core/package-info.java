/** What the planner decides, as pure functions of facts and an instant: plans, upgrades, rings, rules. No framework. */
@NullMarked
package dev.upkeep.planner.core;

import org.jspecify.annotations.NullMarked;
