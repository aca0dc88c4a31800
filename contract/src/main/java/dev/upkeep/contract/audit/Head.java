package dev.upkeep.contract.audit;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The last link of a chain as it was published outside the database, signed with Ed25519.
 *
 * @param number of the heads published by one planner, from 1, without a gap
 * @param seen how far the log had been read when it was published
 * @param before the {@link #fingerprint()} of the head published before it, {@link Link#ORIGIN} for the first: a head that is
 *     taken out of the middle shows
 * @param signature base64, over all the rest
 */
public record Head(
        long number, String chain, long place, String hash, Instant at, String seen, String before, String signature) {
    private static final String ALGORITHM = "Ed25519";

    public Head {
        Objects.requireNonNull(chain, "chain");
        Objects.requireNonNull(hash, "hash");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(seen, "seen");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(signature, "signature");
    }

    /**
     * A head that is signed now.
     *
     * @throws GeneralSecurityException if the key is no Ed25519 key
     */
    public static Head signed(
            long number, String chain, long place, String hash, Instant at, String seen, String before, PrivateKey key)
            throws GeneralSecurityException {
        Head bare = new Head(number, chain, place, hash, at, seen, before, "");
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key);
        signature.update(bare.covered());
        String made = Base64.getEncoder().encodeToString(signature.sign());
        return new Head(number, chain, place, hash, at, seen, before, made);
    }

    /** Whether the owner of the key published it as it stands. */
    public boolean isSignedBy(PublicKey key) {
        try {
            Signature checking = Signature.getInstance(ALGORITHM);
            checking.initVerify(key);
            checking.update(covered());
            return checking.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException noSignatureOfThisKind) {
            return false;
        }
    }

    /** What the next head names as the one before it. */
    public String fingerprint() {
        return Parts.sha256(List.of(signature));
    }

    private byte[] covered() {
        return Parts.bytes(List.of(
                "upkeep-head-1",
                Long.toString(number),
                chain,
                Long.toString(place),
                hash,
                at.toString(),
                seen,
                before));
    }
}
