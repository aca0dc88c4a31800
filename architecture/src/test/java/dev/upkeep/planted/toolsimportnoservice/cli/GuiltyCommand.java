package dev.upkeep.planted.toolsimportnoservice.cli;

import dev.upkeep.planted.toolsimportnoservice.planner.core.Plan;

/** A command that shares a class with a service. */
record GuiltyCommand(Plan plan) {}
