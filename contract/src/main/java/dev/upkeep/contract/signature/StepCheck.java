package dev.upkeep.contract.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what is wrong with a step's signature, for an executor that trusts some keys. */
public final class StepCheck {
    private static final Pattern VALUE = Pattern.compile("([0-9a-f]{64})\\.([A-Za-z0-9_-]{86})");

    private final Map<String, PublicKey> trusted = new TreeMap<>();

    /**
     * A check by the keys that are trusted: more than one while a planner's key is being changed.
     *
     * @throws IllegalArgumentException if there is none: a check that refuses nothing or everything is no check
     */
    public StepCheck(Collection<PublicKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a check of steps trusts at least one key");
        }
        keys.forEach(key -> trusted.put(StepSigner.id(key), key));
    }

    /** Why a step must not be taken. */
    public enum Refusal {
        UNSIGNED("unsigned", "it has no signature"),
        REPEATED_HEADER("repeated-header", "a header comes more than once"),
        MALFORMED_SIGNATURE("malformed-signature", "its signature is not written as one is"),
        UNKNOWN_KEY("unknown-key", "it is signed by a key that is not trusted here"),
        WRONG_SIGNATURE("wrong-signature", "its signature is not that of this step on this topic under this key");

        private final String word;
        private final String text;

        Refusal(String word, String text) {
            this.word = word;
            this.text = text;
        }

        /** Its name in metrics and logs. */
        public String word() {
            return word;
        }

        /** What it means, as half a sentence. */
        public String text() {
            return text;
        }
    }

    /** The ids of the keys that are trusted. */
    public Collection<String> trusted() {
        return trusted.keySet();
    }

    /** Why a step must not be taken; empty if one of the trusted keys signed it as it came. */
    public Optional<Refusal> refusal(Parcel parcel) {
        if (parcel.isAmbiguous()) {
            return Optional.of(Refusal.REPEATED_HEADER);
        }
        Optional<byte[]> value = parcel.signature();
        if (value.isEmpty()) {
            return Optional.of(Refusal.UNSIGNED);
        }
        Matcher parts = VALUE.matcher(new String(value.get(), StandardCharsets.ISO_8859_1));
        if (!parts.matches()) {
            return Optional.of(Refusal.MALFORMED_SIGNATURE);
        }
        byte[] signature = Base64.getUrlDecoder().decode(parts.group(2));
        // The last character has bits to spare: one signature is written in one way alone.
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(signature).equals(parts.group(2))) {
            return Optional.of(Refusal.MALFORMED_SIGNATURE);
        }
        PublicKey key = trusted.get(parts.group(1));
        if (key == null) {
            return Optional.of(Refusal.UNKNOWN_KEY);
        }
        return isBy(key, parcel.signed(), signature) ? Optional.empty() : Optional.of(Refusal.WRONG_SIGNATURE);
    }

    private static boolean isBy(PublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature check = Signature.getInstance(Pem.ALGORITHM);
            check.initVerify(key);
            check.update(signed);
            return check.verify(signature);
        } catch (GeneralSecurityException noSignatureOfThisKind) {
            return false;
        }
    }
}
