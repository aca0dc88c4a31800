package dev.upkeep.planted.adaptersdonotimporteachother.executor.driver;

/** The port. */
public interface Driver {}
