package dev.upkeep.executor.core;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of a batch of requests may be carried out.
 *
 * @param accepted those to be carried out
 * @param refused those that are answered at once, with the answers
 * @param highest each tenant's highest token after the batch
 */
public record Admission(List<StepRequested> accepted, List<Refusal> refused, Map<TenantId, Token> highest) {
    public Admission {
        accepted = List.copyOf(accepted);
        refused = List.copyOf(refused);
        highest = Map.copyOf(highest);
    }

    /** A request and what is answered. */
    public record Refusal(StepRequested request, StepFailed answer) {}

    /**
     * Goes through a batch in its order.
     *
     * @param highest the highest token known of each tenant of the batch
     * @param actions by the driver's name, the words of what it can carry out
     */
    public static Admission of(
            List<StepRequested> batch, Map<TenantId, Token> highest, Map<String, Set<String>> actions) {
        List<StepRequested> accepted = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        Map<TenantId, Token> seen = new HashMap<>(highest);
        Set<String> attempts = new HashSet<>();
        for (StepRequested request : batch) {
            if (!attempts.add(request.upgrade() + " " + request.step() + " " + request.attempt())) {
                continue;
            }
            Token before = seen.get(request.tenant());
            Set<String> can = actions.get(request.target().driver().value());
            if (before != null && request.token().compareTo(before) < 0) {
                refused.add(refusal(
                        request,
                        "stale-token",
                        "token " + request.token() + " is lower than " + before + ", the tenant's highest",
                        "Nothing to do: a later attempt has taken over"));
                continue;
            }
            seen.put(request.tenant(), request.token());
            if (can == null) {
                refused.add(refusal(
                        request,
                        "unknown-driver",
                        "there is no driver '" + request.target().driver() + "'",
                        "Use one of " + actions.keySet().stream().sorted().toList()));
            } else if (!can.contains(request.action().word())) {
                refused.add(refusal(
                        request,
                        "unsupported-action",
                        "driver " + request.target().driver() + " can't "
                                + request.action().word(),
                        "It can " + can.stream().sorted().toList()));
            } else {
                accepted.add(request);
            }
        }
        return new Admission(accepted, refused, seen);
    }

    private static Refusal refusal(StepRequested r, String code, String reason, String fix) {
        return new Refusal(
                r,
                new StepFailed(
                        r.tenant(),
                        r.upgrade(),
                        r.step(),
                        r.attempt(),
                        r.token(),
                        code,
                        reason,
                        fix,
                        false,
                        Duration.ZERO));
    }
}
