package dev.upkeep.notifier.core;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.event.LifecycleEvent.OfRollout;
import dev.upkeep.contract.event.LifecycleEvent.OfUpgrade;
import dev.upkeep.contract.step.Words;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's wish to be told.
 *
 * @param to a mail address, or a webhook's URL or a reference to it ({@code env:}, {@code file:})
 * @param product only of this product, null for all; likewise the tenant and the account
 * @param events only these, by their words such as {@code upgrade-held}; empty for all
 */
public record Subscription(
        String id,
        ChannelName channel,
        String to,
        @Nullable ProductName product,
        @Nullable TenantId tenant,
        @Nullable AccountId account,
        Set<String> events) {
    public Subscription {
        Objects.requireNonNull(channel, "channel");
        if (id.isBlank() || to.isBlank()) {
            throw new IllegalArgumentException("a subscription has an id and somebody it goes to");
        }
        events = Collections.unmodifiableSet(new TreeSet<>(events));
    }

    /** Whether its subscriber is told of this. Who asked for one tenant or account is not told of whole rollouts. */
    public boolean wants(LifecycleEvent event) {
        return (events.isEmpty() || events.contains(Words.of(event.getClass())))
                && switch (event) {
                    case OfUpgrade of ->
                        agrees(product, of.subject().product())
                                && agrees(tenant, of.subject().tenant())
                                && agrees(account, of.subject().account());
                    case OfRollout of -> tenant == null && account == null && agrees(product, of.product());
                };
    }

    /** The account for which its subscriber was told: who named the account, or one of its tenants, stands for it. */
    Optional<AccountId> contactOf(LifecycleEvent event) {
        return event instanceof OfUpgrade of && (account != null || tenant != null)
                ? Optional.of(of.subject().account())
                : Optional.empty();
    }

    private static boolean agrees(@Nullable Object wanted, Object given) {
        return wanted == null || wanted.equals(given);
    }
}
