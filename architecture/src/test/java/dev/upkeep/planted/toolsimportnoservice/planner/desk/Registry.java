package dev.upkeep.planted.toolsimportnoservice.planner.desk;

/** What belongs to the service. */
public record Registry(String text) {}
