package dev.upkeep.contract.event;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.EventId;
import java.util.Objects;
import java.util.Optional;

/** What became of notices; keyed by the aggregate the notice was about. */
public sealed interface DeliveryEvent extends Event {
    /** The id of the tenant or rollout that the notice was about. */
    String about();

    @Override
    default String key() {
        return about();
    }

    /**
     * The channel's far end accepted a notice.
     *
     * @param notice its id, the same at every repetition
     * @param cause the lifecycle event it tells of
     * @param channel {@code mail} or {@code slack}
     * @param subscriber the subscription's id; addresses do not travel
     * @param contactOf the account whose contact the subscriber is; empty for anybody else, who was told, too
     */
    record NoticeDelivered(
            String about,
            String notice,
            EventId cause,
            String channel,
            String subscriber,
            int attempt,
            Optional<AccountId> contactOf)
            implements DeliveryEvent {
        /** One to somebody who is no customer's contact. */
        public NoticeDelivered(
                String about, String notice, EventId cause, String channel, String subscriber, int attempt) {
            this(about, notice, cause, channel, subscriber, attempt, Optional.empty());
        }

        public NoticeDelivered {
            Objects.requireNonNull(about, "about");
            Objects.requireNonNull(notice, "notice");
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(channel, "channel");
            Objects.requireNonNull(subscriber, "subscriber");
            Objects.requireNonNull(contactOf, "contactOf");
        }
    }

    /**
     * The far end refused it for good, or all attempts failed.
     *
     * @param contactOf as of a delivered one
     */
    record NoticeFailed(
            String about,
            String notice,
            EventId cause,
            String channel,
            String subscriber,
            int attempt,
            String reason,
            Optional<AccountId> contactOf)
            implements DeliveryEvent {
        /** One to somebody who is no customer's contact. */
        public NoticeFailed(
                String about,
                String notice,
                EventId cause,
                String channel,
                String subscriber,
                int attempt,
                String reason) {
            this(about, notice, cause, channel, subscriber, attempt, reason, Optional.empty());
        }

        public NoticeFailed {
            Objects.requireNonNull(about, "about");
            Objects.requireNonNull(notice, "notice");
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(channel, "channel");
            Objects.requireNonNull(subscriber, "subscriber");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(contactOf, "contactOf");
        }
    }
}
