package dev.upkeep.planted.rowsstayinstore.planner.store;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** A row in its place. */
@Entity
public class TenantRow {
    @Id
    long id;
}
