package dev.upkeep.executor.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.contract.TenantId;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.store.BackupCatalogue;
import dev.upkeep.executor.store.StepRunViews;
import dev.upkeep.executor.store.StepRunViews.StepRun;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What the executor has done and keeps, for people. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class StepRunsResource {
    private static final int LARGEST_PAGE = 500;

    private final StepRunViews runs;
    private final BackupCatalogue backups;

    StepRunsResource(StepRunViews runs, BackupCatalogue backups) {
        this.runs = runs;
        this.backups = backups;
    }

    /** One page, the latest first; {@code next} is the cursor of the page after it. */
    public record Page(List<StepRun> stepRuns, @Nullable String next) {}

    /** A backup without the places it lies at. */
    public record BackupView(
            String id,
            String tenant,
            String upgrade,
            String component,
            String moment,
            String digest,
            long bytes,
            String fingerprint,
            Instant taken,
            boolean proven) {
        static BackupView of(Backup b) {
            return new BackupView(
                    b.id(),
                    b.tenant().value(),
                    b.upgrade().value(),
                    b.component().value(),
                    b.moment().name().toLowerCase(java.util.Locale.ROOT),
                    b.digest().value(),
                    b.bytes(),
                    b.fingerprint().value(),
                    b.taken(),
                    b.proven());
        }
    }

    public record Catalogue(List<BackupView> backups) {}

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/step-runs")
    @Operation(summary = "Step runs, the latest first, of one tenant or of all")
    public Uni<Page> stepRuns(
            @QueryParam("tenant") @Nullable String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int size = Problem.limit(limit, 100, LARGEST_PAGE);
        return runs.page(tenant(tenant), Problem.cursor(cursor), size)
                .map(page -> new Page(
                        page,
                        page.size() < size ? null : Long.toString(page.getLast().id())));
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/backups")
    @Operation(summary = "The latest backups, of one tenant or of all")
    public Uni<Catalogue> backups(
            @QueryParam("tenant") @Nullable String tenant, @QueryParam("limit") @Nullable String limit) {
        return backups.latest(tenant(tenant).map(TenantId::new), Problem.limit(limit, 100, LARGEST_PAGE))
                .map(all -> new Catalogue(all.stream().map(BackupView::of).toList()));
    }

    private static Optional<String> tenant(@Nullable String tenant) {
        try {
            return Optional.ofNullable(tenant).map(TenantId::new).map(TenantId::value);
        } catch (IllegalArgumentException e) {
            throw Problem.bad("tenant", e.getMessage(), "Give a tenant's id, or leave it out");
        }
    }
}
