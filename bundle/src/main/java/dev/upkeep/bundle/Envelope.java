package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** A statement with signatures over it, as DSSE v1 has them: what is signed is the type and the bytes, not their JSON. */
final class Envelope {
    static final String TYPE = "application/vnd.in-toto+json";

    private final byte[] payload;
    private final List<Mark> marks;

    Envelope(byte[] payload, List<Mark> marks) {
        this.payload = payload.clone();
        this.marks = List.copyOf(marks);
    }

    /** One signature, and the name of the key that is said to have made it. */
    record Mark(String key, String signature) {
        Mark {
            if (!key.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("a key is named by 64 hexadecimal digits, not '" + key + "'");
            }
            if (!Base64.getEncoder()
                    .encodeToString(Base64.getDecoder().decode(signature))
                    .equals(signature)) {
                throw new IllegalArgumentException("a signature is written in base64 in one way only");
            }
        }

        /** Whether this key made it, over these bytes. */
        boolean isBy(PublicKey by, byte[] signed) {
            try {
                Signature check = Signature.getInstance("Ed25519");
                check.initVerify(by);
                check.update(signed);
                return check.verify(Base64.getDecoder().decode(signature));
            } catch (GeneralSecurityException malformed) {
                return false;
            }
        }
    }

    static Envelope read(byte[] bytes) throws BundleRefused {
        JsonNode tree = Json.canonical("the envelope", bytes);
        try {
            List<Mark> marks = new ArrayList<>();
            for (JsonNode mark : tree.required("signatures")) {
                marks.add(new Mark(
                        mark.required("keyid").asText(), mark.required("sig").asText()));
            }
            Envelope envelope = new Envelope(
                    Base64.getDecoder().decode(tree.required("payload").asText()), marks);
            if (!java.util.Arrays.equals(envelope.bytes(), bytes)) {
                throw new IllegalArgumentException("it has keys, or a type, that no bundle's has");
            }
            return envelope;
        } catch (IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    "the envelope can't be taken: " + e.getMessage(),
                    "take the file as `upkeep bundle create` or `sign` wrote it");
        }
    }

    byte[] bytes() {
        ObjectNode tree = Json.object();
        tree.put("payloadType", TYPE).put("payload", Base64.getEncoder().encodeToString(payload));
        ArrayNode signatures = tree.putArray("signatures");
        marks.forEach(mark -> signatures.addObject().put("keyid", mark.key()).put("sig", mark.signature()));
        return Json.bytes(tree);
    }

    /** The same with one more signature. */
    Envelope signedBy(SigningKey key) throws BundleRefused {
        if (marks.stream().anyMatch(mark -> mark.key().equals(key.id()))) {
            throw new BundleRefused(
                    Why.REPEATED_SIGNATURE, "key " + key.id() + " has signed it already", "sign with another key");
        }
        List<Mark> more = new ArrayList<>(marks);
        more.add(new Mark(key.id(), Base64.getEncoder().encodeToString(key.sign(signed()))));
        return new Envelope(payload, more);
    }

    byte[] payload() {
        return payload.clone();
    }

    List<Mark> marks() {
        return marks;
    }

    /** By which the statement is told from any other. */
    Digest fingerprint() {
        return Sha256.of(payload);
    }

    /** What a signature covers: DSSE's pre-authentication encoding. */
    byte[] signed() {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        encoded.writeBytes(
                ("DSSEv1 " + TYPE.length() + " " + TYPE + " " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        encoded.writeBytes(payload);
        return encoded.toByteArray();
    }

    @Override
    public String toString() {
        return "envelope of " + Objects.requireNonNull(fingerprint()) + " with " + marks.size() + " signatures";
    }
}
