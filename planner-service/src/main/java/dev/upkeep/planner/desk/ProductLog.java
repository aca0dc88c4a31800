package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.store.Chains;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Writes a decision about a product down in the product's chain, in the decision's transaction. */
@ApplicationScoped
public class ProductLog {
    private final Chains chains;
    private final Timeline timeline;

    ProductLog(Chains chains, Timeline timeline) {
        this.chains = chains;
        this.timeline = timeline;
    }

    /** Adds a line to a product that is there; its row is held until the transaction ends. */
    public Uni<Void> ofProduct(Mutiny.Session session, ProductName product, Entry entry, Instant now) {
        return chains.lockProduct(session, product).chain(before -> {
            Timeline.Line line = Timeline.Line.after(before, Link.About.NOTHING_ELSE, entry, now);
            return chains.saveProduct(session, line.chain()).chain(() -> timeline.add(session, List.of(line)));
        });
    }
}
