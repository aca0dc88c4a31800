package dev.upkeep.planted.adaptersdonotimporteachother.executor.driver.gate;

/** The neighbour's own. */
public record Fence(long token) {}
