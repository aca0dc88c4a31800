package dev.upkeep.executor.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.Page;
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
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What the executor has done and keeps, for people. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class StepRunsResource {
    private final StepRunViews runs;
    private final BackupCatalogue backups;

    StepRunsResource(StepRunViews runs, BackupCatalogue backups) {
        this.runs = runs;
        this.backups = backups;
    }

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

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/step-runs")
    @Operation(summary = "Step runs, the latest first, of one tenant or of all")
    public Uni<Page<StepRun>> stepRuns(
            @QueryParam("tenant") @Nullable String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Page.limit(limit);
        return runs.page(tenant(tenant), number(cursor), most)
                .map(found -> Page.of(found, most, run -> Long.toString(run.id())));
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/backups")
    @Operation(summary = "Backups, the latest first, of one tenant or of all")
    public Uni<Page<BackupView>> backups(
            @QueryParam("tenant") @Nullable String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Page.limit(limit);
        return backups.page(tenant(tenant).map(TenantId::new), Optional.ofNullable(cursor), most)
                .map(found -> Page.of(found.stream().map(BackupView::of).toList(), most, BackupView::id));
    }

    private static Optional<Long> number(@Nullable String cursor) {
        try {
            return Optional.ofNullable(cursor).map(Long::valueOf);
        } catch (NumberFormatException e) {
            throw Page.noCursor(String.valueOf(cursor));
        }
    }

    private static Optional<String> tenant(@Nullable String tenant) {
        try {
            return Optional.ofNullable(tenant).map(TenantId::new).map(TenantId::value);
        } catch (IllegalArgumentException e) {
            throw Page.refused(
                    "tenant", String.valueOf(e.getMessage()), "give the name it was registered with, or leave it out");
        }
    }
}
