package dev.upkeep.testing;

import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.time.Duration;
import java.util.Set;

/** Tokens for the services under test, signed with the key that {@link TrustedKey} makes them trust. */
public final class Tokens {
    private static final String ISSUER = "upkeep";
    private static final String AUDIENCE = "upkeep";
    private static final Duration LONG_ENOUGH = Duration.ofHours(2);

    private Tokens() {}

    /** Somebody who runs Upkeep, with these roles. */
    public static String staff(String name, String... roles) {
        return sign(TrustedKey.key(), claims(name, roles));
    }

    /** Somebody with every role of those who run Upkeep. */
    public static String everyRole() {
        return staff("tester", "viewer", "operator", "approver");
    }

    /** A customer's person, of one account. */
    public static String customer(String name, String account) {
        return sign(TrustedKey.key(), claims(name, "customer").claim("account", account));
    }

    /** Claims that are right, for a test to spoil before it signs them. */
    public static JwtClaimsBuilder claims(String name, String... roles) {
        return Jwt.upn(name)
                .subject(name)
                .groups(Set.of(roles))
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .expiresIn(LONG_ENOUGH);
    }

    /** Signs claims with a key, which need not be one that anybody trusts. */
    public static String sign(TestKey key, JwtClaimsBuilder claims) {
        return claims.jws().algorithm(SignatureAlgorithm.ES256).keyId(key.id()).sign(key.signing());
    }
}
