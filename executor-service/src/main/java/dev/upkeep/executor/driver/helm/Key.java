package dev.upkeep.executor.driver.helm;

import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.util.Map;

/** The key by which a component encrypts: it stays where its setting {@code key} refers to; only its fingerprint is told. */
final class Key {
    private Key() {}

    static Outcome keep(Site site) {
        String fingerprint = fingerprint(site);
        return new Done(
                Map.of(Fact.KEY_FINGERPRINT, fingerprint), "the key with fingerprint " + fingerprint + " is kept");
    }

    static Outcome attach(Site site) {
        String expected = site.request().facts().get(Fact.KEY_FINGERPRINT);
        if (expected == null) {
            return Failed.forGood(
                    Failure.FACT_MISSING,
                    "it is not known which key it was: no fact " + Fact.KEY_FINGERPRINT,
                    "Attach the key by hand");
        }
        return fingerprint(site).equals(expected)
                ? new Done(Map.of(), "the key is still the one with fingerprint " + expected)
                : Failed.forGood(
                        Failure.BACKUP_MISMATCH,
                        "the key that the setting refers to does not have fingerprint " + expected,
                        "Bring the key back that the database was encrypted with");
    }

    private static String fingerprint(Site site) {
        return "sha256:" + Site.sha256(site.work().secrets().need(site.request().target(), "key"));
    }
}
