package dev.upkeep.access.intake;

import dev.upkeep.access.core.Caller;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;

/** Says no as a problem, the same in every service: 401 to nobody, 403 to the wrong one, 404 where 403 would tell too much. */
class Refusals {
    private static final Logger LOG = Logger.getLogger(Refusals.class);
    private static final String HEADER = "/Authorization";
    private static final String GET_ONE =
            "send 'Authorization: Bearer' with one; docs/how-to/sign-people-in.md says how to" + " get one";
    private static final String UNTRUSTED = "the token was not signed with a key that this service trusts";
    private static final String GET_ANOTHER = "get a new one; docs/how-to/sign-people-in.md says how";

    private final CurrentCaller current;

    Refusals(CurrentCaller current) {
        this.current = current;
    }

    @ServerExceptionMapper
    Response nobody(UnauthorizedException refused) {
        return Problem.of(401, "token-missing", HEADER, "the request has no token", GET_ONE)
                .challenging(null);
    }

    @ServerExceptionMapper
    Response unknown(AuthenticationFailedException refused) {
        if (refused.getCause() instanceof UnclearToken unclear) {
            return Problem.of(401, "token-unclear", HEADER, unclear.detail(), unclear.fix())
                    .challenging("invalid_token");
        }
        Optional<InvalidJwtException> invalid = cause(refused, InvalidJwtException.class);
        Optional<IOException> away = cause(refused, IOException.class);
        if (invalid.isEmpty() && away.isPresent()) {
            LOG.warnf(
                    "the keys that tokens are checked with can't be fetched: %s",
                    away.get().getMessage());
            return Problem.of(
                            503,
                            "keys-away",
                            HEADER,
                            "the keys that tokens are checked with can't be fetched",
                            "try again in a moment; this is no fault of the token")
                    .response();
        }
        if (invalid.filter(InvalidJwtException::hasExpired).isPresent()) {
            return Problem.of(401, "token-expired", HEADER, "the token has expired", GET_ANOTHER)
                    .challenging("invalid_token");
        }
        return Problem.of(
                        401,
                        "token-invalid",
                        HEADER,
                        invalid.map(Refusals::detail).orElse(UNTRUSTED),
                        GET_ANOTHER)
                .challenging("invalid_token");
    }

    /** Which part of a token is wrong; the exception's own text quotes the claims, so it stays here. */
    private static String detail(InvalidJwtException invalid) {
        if (invalid.hasErrorCode(ErrorCodes.ISSUER_INVALID) || invalid.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return "the token's issuer (iss) is not the one that this service trusts";
        }
        if (invalid.hasErrorCode(ErrorCodes.AUDIENCE_INVALID) || invalid.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "the token's audience (aud) is not this service";
        }
        if (invalid.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return "the token is not valid yet (nbf)";
        }
        if (invalid.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
            return "the token never expires (exp is missing)";
        }
        return invalid.hasErrorCode(ErrorCodes.SIGNATURE_INVALID) ? UNTRUSTED : "the token is malformed";
    }

    /**
     * Customers learn nothing of what is not theirs: where the path names something, the answer is as for something that
     * does not exist.
     */
    @ServerExceptionMapper
    Response forbidden(ForbiddenException refused, UriInfo uri, ResourceInfo endpoint) {
        Optional<Caller> caller = current.known();
        if (caller.isPresent() && caller.get() instanceof Caller.Customer) {
            List<Owned> named = Owned.in(uri);
            if (!named.isEmpty()) {
                return named.getFirst().absent().response();
            }
        }
        String who = caller.map(c -> "'" + c.name() + "'").orElse("the caller");
        return Problem.of(
                        403,
                        "role-missing",
                        HEADER,
                        who + " may not do this",
                        "it takes " + needed(endpoint) + "; docs/reference/roles.md lists who may what")
                .challenging("insufficient_scope");
    }

    private static String needed(ResourceInfo endpoint) {
        RolesAllowed allowed = endpoint.getResourceMethod() == null
                ? null
                : endpoint.getResourceMethod().getAnnotation(RolesAllowed.class);
        if (allowed == null && endpoint.getResourceClass() != null) {
            allowed = endpoint.getResourceClass().getAnnotation(RolesAllowed.class);
        }
        return allowed == null ? "a role that nobody has" : "the role " + String.join(" or ", allowed.value());
    }

    private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> wanted) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (wanted.isInstance(cause)) {
                return Optional.of(wanted.cast(cause));
            }
        }
        return Optional.empty();
    }
}
