package dev.upkeep.planted.adaptersdonotimporteachother.executor.driver.gate;

import dev.upkeep.planted.adaptersdonotimporteachother.executor.driver.Driver;

/** A driver that knows its port. */
final class InnocentDriver implements Driver {}
