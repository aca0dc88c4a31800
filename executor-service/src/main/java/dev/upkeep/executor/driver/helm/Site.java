package dev.upkeep.executor.driver.helm;

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
import java.util.Optional;

/**
 * A step and the Helm release that it is about, as its component's settings name it.
 *
 * @param release its name
 */
record Site(StepRequested request, Work work, String namespace, String release) {
    static Site of(StepRequested request, Work work) {
        Target target = request.target();
        return new Site(
                request,
                work,
                work.secrets().need(target, "namespace"),
                work.secrets().need(target, "release"));
    }

    Token token() {
        return request.token();
    }

    Optional<String> setting(String key) {
        return work.secrets().find(request.target(), key);
    }

    String called() {
        return "release " + release + " in namespace " + namespace;
    }

    /** What tells this step of this upgrade from every other; the same for all of its attempts. */
    String step() {
        return request.upgrade() + "/" + request.step();
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    Refused malformed(String key, String value, String fix) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING,
                "setting " + key + " '" + value + "' of " + request.target().component() + " is not understood",
                fix));
    }
}
