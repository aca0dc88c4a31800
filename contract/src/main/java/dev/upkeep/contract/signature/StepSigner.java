package dev.upkeep.contract.signature;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;

/** Signs steps with a planner's key. */
public final class StepSigner {
    private final PrivateKey key;
    private final String id;

    /** A signer by a key pair. */
    public StepSigner(PrivateKey key, PublicKey publicKey) {
        this.key = Objects.requireNonNull(key, "key");
        this.id = id(publicKey);
    }

    /** What the header {@link Parcel#SIGNATURE} is to say. */
    public String sign(Parcel parcel) {
        if (parcel.isAmbiguous()) {
            throw new IllegalArgumentException("a step says each of its headers once");
        }
        try {
            Signature signature = Signature.getInstance(Pem.ALGORITHM);
            signature.initSign(key);
            signature.update(parcel.signed());
            return id + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key " + id + " can't sign", e);
        }
    }

    /** A key's name: the SHA-256 of its public half, in lower-case hexadecimal. */
    public static String id(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
