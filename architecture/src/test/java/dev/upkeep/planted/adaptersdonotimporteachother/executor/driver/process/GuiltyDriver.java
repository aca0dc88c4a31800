package dev.upkeep.planted.adaptersdonotimporteachother.executor.driver.process;

import dev.upkeep.planted.adaptersdonotimporteachother.executor.driver.gate.Fence;

/** A driver that borrows from its neighbour. */
record GuiltyDriver(Fence fence) {}
