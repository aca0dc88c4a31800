package dev.upkeep.planted.toolsimportnoservice.planner.core;

/** What belongs to the planner. */
public record Plan(String text) {}
