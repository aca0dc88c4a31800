package dev.upkeep.planted.coreispure.planner.core;

import java.sql.Connection;

/** A core that asks a database. */
interface GuiltyOfSql {
    void decide(Connection connection);
}
