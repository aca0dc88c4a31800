package dev.upkeep.planner.store;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** Whose tenants and upgrades are. */
@ApplicationScoped
public class Accounts {
    private static final String OF_TENANT = "select account from tenant where id = $1";
    // The tenant's own account, not the one it had when the upgrade was announced.
    private static final String OF_UPGRADE =
            "select t.account from upgrade u join tenant t on t.id = u.tenant where u.id = $1";

    /** The account of a tenant, if there is one of that name. */
    public Uni<Optional<AccountId>> of(Mutiny.Session session, TenantId tenant) {
        return Sql.rows(session, OF_TENANT, tenant.value()).map(Accounts::first);
    }

    /** The account of an upgrade's tenant, if there is such an upgrade. */
    public Uni<Optional<AccountId>> of(Mutiny.Session session, UpgradeId upgrade) {
        return Sql.rows(session, OF_UPGRADE, upgrade.value()).map(Accounts::first);
    }

    private static Optional<AccountId> first(List<Object[]> rows) {
        return rows.stream().findFirst().map(row -> new AccountId(String.valueOf(row[0])));
    }
}
