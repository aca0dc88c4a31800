package dev.upkeep.planner.desk;

import dev.upkeep.access.intake.Owners;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.store.Accounts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/** Says whose a tenant or an upgrade is, for requests of customers. */
@ApplicationScoped
class Ownership implements Owners {
    private final Mutiny.SessionFactory sessions;
    private final Accounts accounts;

    Ownership(Mutiny.SessionFactory sessions, Accounts accounts) {
        this.sessions = sessions;
        this.accounts = accounts;
    }

    @Override
    public Uni<Optional<AccountId>> of(String kind, String name) {
        return switch (kind) {
            case "tenant" ->
                ifNamed(name, TenantId::new, id -> sessions.withTransaction((s, tx) -> accounts.of(s, id)));
            case "upgrade" ->
                ifNamed(name, UpgradeId::new, id -> sessions.withTransaction((s, tx) -> accounts.of(s, id)));
            case "account" ->
                ifNamed(name, AccountId::new, id -> Uni.createFrom().item(Optional.of(id)));
            default -> nobodys();
        };
    }

    /** What is no name of such a thing is nobody's. */
    private static <T> Uni<Optional<AccountId>> ifNamed(
            String name, Function<String, T> read, Function<T, Uni<Optional<AccountId>>> look) {
        T id;
        try {
            id = read.apply(name);
        } catch (IllegalArgumentException malformed) {
            return nobodys();
        }
        return look.apply(id);
    }

    private static Uni<Optional<AccountId>> nobodys() {
        return Uni.createFrom().item(Optional.empty());
    }
}
