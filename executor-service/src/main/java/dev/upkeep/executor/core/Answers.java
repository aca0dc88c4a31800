package dev.upkeep.executor.core;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/** Puts results into envelopes whose ids are the same however often they are made. */
public final class Answers {
    private static final String SOURCE = "executor";
    private static final int LONGEST_ID = 200;

    private Answers() {}

    public static Envelope envelope(ResultEvent result, Instant now) {
        String kind = switch (result) {
            case StepStarted r -> "started";
            // An attempt ends once: whichever of the three is said, it is said under one id.
            case StepSucceeded r -> "ended";
            case StepFailed r -> "ended";
            case StepUncertain r -> "ended";
        };
        String attempt = result.upgrade() + ":" + result.step() + ":" + result.attempt();
        String id = attempt + ":" + kind;
        return new Envelope(
                new EventId(id.length() <= LONGEST_ID ? id : sha256(attempt) + ":" + kind), SOURCE, now, result);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
