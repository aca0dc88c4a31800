package dev.upkeep.planted.toolsimportnoservice.cli;

import dev.upkeep.planted.toolsimportnoservice.planner.desk.Registry;

/** A command that shares a class with a service. */
record GuiltyCommand(Registry registry) {}
