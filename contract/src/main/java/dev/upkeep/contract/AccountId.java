package dev.upkeep.contract;

/** A customer; it owns tenants. */
public record AccountId(String value) {
    public AccountId {
        Shape.name("account", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
