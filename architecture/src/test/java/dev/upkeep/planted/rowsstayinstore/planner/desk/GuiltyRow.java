package dev.upkeep.planted.rowsstayinstore.planner.desk;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** A row in a desk. */
@Entity
class GuiltyRow {
    @Id
    long id;
}
