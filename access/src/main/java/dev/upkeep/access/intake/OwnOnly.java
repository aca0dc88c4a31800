package dev.upkeep.access.intake;

import dev.upkeep.access.core.Caller;
import dev.upkeep.contract.AccountId;
import io.quarkus.security.ForbiddenException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Keeps customers to what is their own, before any endpoint runs: an endpoint says that customers may call it, and
 * whose the things are that its path names is found out here, for all of them in the same way.
 *
 * <p>Ordering: roles are checked first. An endpoint that lets customers in names something of theirs, or lies below
 * {@code /v1/account}, where the account is the token's; any other is refused, so that a role too many on an endpoint
 * opens nothing.
 */
class OwnOnly {
    private static final String ACCOUNTS_OWN = "/v1/account";

    private final CurrentCaller current;
    private final Owners owners;

    OwnOnly(CurrentCaller current, Owners owners) {
        this.current = current;
        this.owners = owners;
    }

    @ServerRequestFilter
    Uni<@Nullable Response> keep(UriInfo uri) {
        Optional<Caller> caller = current.known();
        if (caller.isEmpty()) {
            return pass();
        }
        return switch (caller.get()) {
            case Caller.Staff staff -> pass();
            case Caller.Customer(var name, var account) -> {
                List<Owned> named = Owned.in(uri);
                if (named.isEmpty() && !isAccountsOwn(uri.getPath())) {
                    throw new ForbiddenException();
                }
                yield check(named.iterator(), account);
            }
        };
    }

    private Uni<@Nullable Response> check(Iterator<Owned> named, AccountId account) {
        if (!named.hasNext()) {
            return pass();
        }
        Owned thing = named.next();
        return owners.of(thing.kind(), thing.name())
                .chain(owner -> owner.filter(account::equals).isPresent()
                        ? check(named, account)
                        : Uni.createFrom().item(thing.absent().response()));
    }

    private static boolean isAccountsOwn(String path) {
        return path.equals(ACCOUNTS_OWN) || path.startsWith(ACCOUNTS_OWN + "/");
    }

    private static Uni<@Nullable Response> pass() {
        return Uni.createFrom().nullItem();
    }
}
