package dev.upkeep.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a token is made out for.
 *
 * @param name who it stands for; this goes on record
 * @param account the account of a customer; empty for anybody else
 * @param lasts how long it is good for; nobody can call it back before that
 */
public record Grant(String name, List<String> roles, Optional<String> account, Duration lasts) {
    private static final Set<String> ROLES = Set.of("viewer", "operator", "approver", "customer");
    private static final Duration LONGEST = Duration.ofDays(31);

    public Grant {
        roles = List.copyOf(roles);
        if (name.isBlank()) {
            throw new IllegalArgumentException("the name is empty\n  → say who the token stands for");
        }
        if (roles.isEmpty() || !ROLES.containsAll(roles)) {
            throw new IllegalArgumentException(
                    "roles " + roles + " are not what there is\n  → use viewer, operator, approver or customer");
        }
        boolean isCustomers = roles.contains("customer");
        if (isCustomers && roles.size() > 1) {
            throw new IllegalArgumentException("a customer is nothing else\n  → make two tokens out of it");
        }
        if (isCustomers != account.isPresent()) {
            throw new IllegalArgumentException(
                    isCustomers
                            ? "a customer has an account\n  → add --account"
                            : "only a customer has an account\n  → leave --account out, or use --role customer");
        }
        if (lasts.isNegative() || lasts.isZero() || lasts.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(lasts + " is not between a moment and " + LONGEST
                    + "\n  → nobody can call a token back: make it short");
        }
    }
}
