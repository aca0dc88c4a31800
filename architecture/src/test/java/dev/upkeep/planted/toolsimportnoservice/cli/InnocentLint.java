package dev.upkeep.planted.toolsimportnoservice.cli;

import dev.upkeep.planted.toolsimportnoservice.planner.core.Plan;

/** A command that reads a document by the library that the planner reads it by. */
record InnocentLint(Plan plan) {}
