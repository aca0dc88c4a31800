package dev.upkeep.planted.toolsimportnoservice.local;

import dev.upkeep.planted.toolsimportnoservice.planner.core.Plan;

/** A launcher that decides something itself. */
record GuiltyLauncher(Plan plan) {}
