package dev.upkeep.planted.rowsstayinstore.planner.store;

/** A store that handles rows. */
interface InnocentStore {
    TenantRow find(long id);
}
