package dev.upkeep.access.core;

import dev.upkeep.contract.AccountId;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who calls: somebody who runs Upkeep, or a customer whom it is run for; never both. */
public sealed interface Caller {
    /** What goes on record. */
    String name();

    /** What it may do, as endpoints name it. */
    Set<String> roles();

    /** Somebody who runs Upkeep; without any role, it may do nothing. */
    record Staff(String name, Set<String> roles) implements Caller {
        public Staff {
            Objects.requireNonNull(name, "name");
            roles = Set.copyOf(roles);
        }
    }

    /** A customer's person or program, bound to one account. */
    record Customer(String name, AccountId account) implements Caller {
        public Customer {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(account, "account");
        }

        @Override
        public Set<String> roles() {
            return Set.of(Roles.CUSTOMER);
        }
    }

    /** What a token's claims come to. */
    sealed interface Reading {
        /** They name a caller. */
        record Known(Caller caller) implements Reading {}

        /** They contradict themselves, or leave out what is needed. */
        record Unclear(String detail, String fix) implements Reading {}
    }

    /**
     * Reads the claims of a token whose signature was found good.
     *
     * @param name who it was made out to; null if it doesn't say
     * @param groups the groups it lists, ours and others
     * @param account the account it names; null if it names none
     */
    static Reading read(@Nullable String name, Set<String> groups, @Nullable String account) {
        if (name == null || name.isBlank()) {
            return new Reading.Unclear(
                    "the token names nobody", "have it made out with upn, preferred_username or sub");
        }
        Set<String> ofStaff = Roles.ofStaff(groups);
        if (!groups.contains(Roles.CUSTOMER)) {
            return new Reading.Known(new Staff(name, ofStaff));
        }
        if (!ofStaff.isEmpty()) {
            return new Reading.Unclear(
                    "the token makes its bearer a customer and more than a customer",
                    "have it made out with customer alone, or without customer");
        }
        if (account == null) {
            return new Reading.Unclear(
                    "the token makes its bearer a customer of no account", "have it made out with the claim account");
        }
        try {
            return new Reading.Known(new Customer(name, new AccountId(account)));
        } catch (IllegalArgumentException malformed) {
            return new Reading.Unclear(
                    "the token's claim account names no account: " + malformed.getMessage(),
                    "have it made out with the account's id");
        }
    }
}
