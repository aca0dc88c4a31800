package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** The key by which a component encrypts: it stays where its setting {@code key} refers to, and is known by its fingerprint. */
public final class Keys {
    private Keys() {}

    /** Tells the key's fingerprint. */
    public static Outcome snapshot(StepRequested request, Work work) {
        String fingerprint = fingerprint(request, work);
        return new Done(
                Map.of(Fact.KEY_FINGERPRINT, fingerprint), "the key with fingerprint " + fingerprint + " is kept");
    }

    /** Refuses unless the key is the one whose fingerprint was told. */
    public static Outcome attach(StepRequested request, Work work) {
        String kept = request.facts().get(Fact.KEY_FINGERPRINT);
        if (kept == null) {
            return Failed.forGood(
                    Failure.FACT_MISSING,
                    "it is not known which key it was: no fact " + Fact.KEY_FINGERPRINT,
                    "Compare the key by hand");
        }
        String fingerprint = fingerprint(request, work);
        return fingerprint.equals(kept)
                ? new Done(Map.of(), "the key with fingerprint " + kept + " is there")
                : Failed.forGood(
                        Failure.BACKUP_MISMATCH,
                        "the key has fingerprint " + fingerprint + ", and had " + kept,
                        "Put the key back that was there before");
    }

    private static String fingerprint(StepRequested request, Work work) {
        byte[] key = work.secrets().need(request.target(), "key").getBytes(StandardCharsets.UTF_8);
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(key));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
