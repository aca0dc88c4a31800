package dev.upkeep.contract;

/** How a tenant is run. */
public enum Model {
    SAAS,
    HYBRID,
    SELF_HOSTED,
    AIR_GAPPED
}
