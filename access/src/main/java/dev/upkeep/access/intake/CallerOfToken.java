package dev.upkeep.access.intake;

import dev.upkeep.access.core.Caller;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/** Puts our caller in the place of a token's groups: of these only our roles count, and what they bring with them. */
@ApplicationScoped
class CallerOfToken implements SecurityIdentityAugmentor {
    private static final String ACCOUNT = "account";

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        if (identity.isAnonymous() || !(identity.getPrincipal() instanceof JsonWebToken token)) {
            return Uni.createFrom().item(identity);
        }
        return switch (Caller.read(token.getName(), token.getGroups(), account(token))) {
            case Caller.Reading.Known(var caller) -> Uni.createFrom().item(as(caller, identity));
            case Caller.Reading.Unclear(var detail, var fix) ->
                Uni.createFrom().failure(new AuthenticationFailedException(new UnclearToken(detail, fix)));
        };
    }

    private static SecurityIdentity as(Caller caller, SecurityIdentity identity) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(identity.getPrincipal())
                .addCredentials(identity.getCredentials())
                .addAttributes(identity.getAttributes())
                .addAttribute(CurrentCaller.ATTRIBUTE, caller)
                .addRoles(caller.roles())
                .build();
    }

    /** Anything but a text is no account, and is told so. */
    private static @Nullable String account(JsonWebToken token) {
        Object claim = token.getClaim(ACCOUNT);
        return claim == null ? null : claim.toString();
    }
}
