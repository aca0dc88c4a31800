package dev.upkeep.notifier.desk;

import dev.upkeep.contract.event.Envelope;
import dev.upkeep.messaging.Sql;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.store.Notices;
import dev.upkeep.notifier.store.Subscriptions;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Makes the notices that events give rise to. */
@ApplicationScoped
public class NoticeDesk {
    private final Subscriptions subscriptions;
    private final Notices notices;
    private final Courier courier;

    NoticeDesk(Subscriptions subscriptions, Notices notices, Courier courier) {
        this.subscriptions = subscriptions;
        this.notices = notices;
        this.courier = courier;
    }

    /** Makes them for a batch of events, and has them delivered after the commit. */
    public Uni<Void> told(Mutiny.Session session, List<Envelope> fresh) {
        return subscriptions.all(session).chain(all -> {
            List<Notice> made = fresh.stream()
                    .flatMap(envelope -> Notice.of(envelope, all).stream())
                    .toList();
            if (!made.isEmpty()) {
                Sql.afterCommit(session, courier::wake);
            }
            return notices.add(session, made);
        });
    }
}
