package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.Token;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A step and the workload that it is about, as its component's settings name it.
 *
 * @param name of the workload
 */
record Site(StepRequested request, Work work, String namespace, Kind kind, String name) {
    private static final int LONGEST_NAME = 63;

    static Site of(StepRequested request, Work work) {
        Target target = request.target();
        String workload = work.secrets().need(target, "workload");
        int slash = workload.indexOf('/');
        Optional<Kind> kind = slash < 1 || slash == workload.length() - 1
                ? Optional.empty()
                : Kind.of(workload.substring(0, slash).toLowerCase(Locale.ROOT));
        return new Site(
                request,
                work,
                work.secrets().need(target, "namespace"),
                kind.orElseThrow(() -> malformed(
                        target,
                        "workload",
                        workload,
                        "Name it as kubectl does: deployment/NAME, statefulset/NAME or job/NAME")),
                workload.substring(slash + 1));
    }

    Token token() {
        return request.token();
    }

    Optional<String> setting(String key) {
        return work.secrets().find(request.target(), key);
    }

    Optional<Integer> number(String key) {
        return setting(key).map(text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= 0) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Told below, as a negative number is.
            }
            throw malformed(request.target(), key, text, "Use a whole number");
        });
    }

    /** How people find it: {@code deployment/app of acme}. */
    String called() {
        return kind.name().toLowerCase(Locale.ROOT).replace("_", "") + "/" + name + " in namespace " + namespace;
    }

    /** A name in the cluster that only this step of this upgrade has; the same for all of its attempts. */
    String ofThisStep(String prefix) {
        String hash = hash(request.upgrade() + "/" + request.step());
        String whole = prefix + "-" + hash;
        return whole.length() <= LONGEST_NAME
                ? whole
                : prefix.substring(0, LONGEST_NAME - hash.length() - 1) + "-" + hash;
    }

    /** Ten hexadecimal digits that tell one text from another. */
    static String hash(String text) {
        return sha256(text).substring(0, 10);
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    static Refused malformed(Target target, String key, String value, String fix) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING,
                "setting " + key + " '" + value + "' of " + target.component() + " is not understood",
                fix));
    }
}
