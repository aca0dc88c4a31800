package dev.upkeep.access.intake;

import dev.upkeep.access.core.Caller;
import dev.upkeep.contract.AccountId;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Who sent the request at hand; asked by an endpoint before it hands over to a desk. */
@ApplicationScoped
public class CurrentCaller {
    static final String ATTRIBUTE = "upkeep.caller";

    private final SecurityIdentity identity;

    CurrentCaller(SecurityIdentity identity) {
        this.identity = identity;
    }

    /** What goes on record of whoever asked. */
    public String name() {
        return caller().name();
    }

    /** Who asked; 401 for nobody. */
    public Caller caller() {
        return known().orElseThrow(UnauthorizedException::new);
    }

    /** Whether a customer asks: it is shown less of its own than those who run Upkeep. */
    public boolean isCustomer() {
        return caller() instanceof Caller.Customer;
    }

    /** The account of a customer; 403 for anybody else. */
    public AccountId account() {
        return switch (caller()) {
            case Caller.Customer(var name, var account) -> account;
            case Caller.Staff staff -> throw new ForbiddenException();
        };
    }

    Optional<Caller> known() {
        return Optional.ofNullable(identity.getAttribute(ATTRIBUTE));
    }
}
