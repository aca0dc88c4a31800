package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.OwnSchema;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.helm.Helming.Wanted;
import dev.upkeep.executor.driver.helm.Revisions.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings a version of a release, forward from its chart, back from the copy that was taken before the change; Helm's own rollback
 * is not in its library, and would know nothing of what Helm has pruned.
 *
 * <p>Ordering: first the fence, then a note of the revision that Helm is about to make, then Helm. Helm makes the revision's
 * Secret before it changes anything, and refuses to while the one before is pending.
 *
 * <p>Failure: a revision that stays pending after its attempt's time is up is marked as failed, and the next one starts from what
 * was deployed before. One that nobody of Upkeep's made is left to whoever made it.
 */
final class Upgrading {
    private static final Duration WITHOUT_HOOKS = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration RESERVE = Duration.ofSeconds(1);
    private static final String DEFAULT_SHARE = "25%";

    private final Site site;
    private final ApiServer cluster;
    private final Fence fence;
    private final Revisions revisions;
    private final Workloads workloads;
    private final Charts charts;
    private final Copies copies;

    Upgrading(Site site, ApiServer cluster, Charts charts, Copies copies) {
        this.site = site;
        this.cluster = cluster;
        this.fence = new Fence(site, cluster);
        this.revisions = new Revisions(site, cluster);
        this.workloads = new Workloads(site, cluster, fence);
        this.charts = charts;
        this.copies = copies;
    }

    Outcome bring(Version version, Moment schema) throws InterruptedException {
        OwnSchema.check(site.request(), schema, site.work());
        fence.raise();
        Revision found = settled();
        Wanted wanted = wanted(version);
        String content =
                wanted.chart().digest() + "+" + Site.sha256(wanted.values().toString());
        Instant began = site.work().now();
        boolean there = found.deployed()
                && found.description().contains("content " + content)
                && !workloads.anyStopped(Manifest.of(found.manifest()));
        if (!there) {
            String rendered = rendered(wanted);
            boolean hooks = rendered.contains("helm.sh/hook");
            Duration left = site.work().left().minus(RESERVE);
            Duration limit = hooks || left.compareTo(WITHOUT_HOOKS) < 0 ? left : WITHOUT_HOOKS;
            fence.acting(found.number() + 1, site.work().now().plus(limit));
            Helming.upgrade(
                    site,
                    wanted,
                    "Upkeep brought " + version + " for step " + site.step() + ", content " + content,
                    limit);
        }
        Revision now = revisions.need();
        fence.check();
        Manifest manifest = Manifest.of(now.manifest());
        workloads.scaleBack(manifest);
        workloads.awaitUp(manifest);
        return new Done(
                Map.of(
                        "helm.revision",
                        Integer.toString(now.number()),
                        "helm.chart",
                        wanted.chart().digest()),
                version + " is up as revision " + now.number() + " of " + site.called() + ", from "
                        + wanted.chart().from() + (there ? ", as it was before" : "") + ", after "
                        + Duration.between(began, site.work().now()).toMillis() + " ms; "
                        + String.join(", ", workloads.listed(manifest)));
    }

    /** What bringing a version would change, as the API server would accept it; nothing is changed. */
    Outcome dryRun(Version version) throws InterruptedException {
        fence.check();
        Revision found = revisions.need();
        Wanted wanted = wanted(version);
        Manifest next = Manifest.of(rendered(wanted));
        Helming.tryOut(site, wanted);
        String changes = Manifest.of(found.manifest()).changesTo(next);
        long objects = changes.lines().filter(line -> !line.startsWith("    ")).count();
        return new Done(
                Map.of(
                        Fact.DRY_RUN_DIFF,
                        changes.isEmpty() ? "nothing" : changes,
                        "helm.revision",
                        Integer.toString(found.number())),
                "the API server would accept it; of revision " + found.number() + " (chart " + found.chartVersion()
                        + ") it would change " + (changes.isEmpty() ? "nothing" : objects + " objects"));
    }

    Look look() throws InterruptedException {
        Revision now = revisions.need();
        return now.deployed()
                        && now.description().contains("for step " + site.step() + ",")
                        && workloads.allUp(Manifest.of(now.manifest()))
                ? new Look.Done(
                        Map.of("helm.revision", Integer.toString(now.number())),
                        "found done: revision " + now.number() + " of " + site.called() + " is up")
                : new Look.NotDone();
    }

    Outcome stop() throws InterruptedException {
        fence.raise();
        int stopped = workloads.stop(Manifest.of(settled().manifest()));
        return new Done(
                Map.of(),
                stopped == 0
                        ? site.called() + " was scaled to nothing already"
                        : "scaled " + stopped + " workloads of " + site.called() + " to nothing");
    }

    Look lookStopped() throws InterruptedException {
        return workloads.allGone(Manifest.of(revisions.need().manifest()))
                ? new Look.Done(Map.of(), "found done: nothing of " + site.called() + " runs")
                : new Look.NotDone();
    }

    /** The copy is put back with the version before: here it is only made sure of. */
    Outcome restoreConfiguration() throws InterruptedException {
        fence.raise();
        settled();
        Wanted before = copies.before();
        return new Done(
                Map.of(),
                before.chart().from() + " of " + site.called()
                        + " is whole; its chart and values come back with the version before");
    }

    /** The latest revision, once no attempt is making one any more. */
    Revision settled() throws InterruptedException {
        while (true) {
            Revision latest = revisions.need();
            if (!latest.pending()) {
                return latest;
            }
            Optional<Instant> until = fence.actingOn(latest.number());
            if (until.isEmpty()) {
                throw new Refused(Failed.retryable(
                        Failure.CHANGED_MEANWHILE,
                        latest + " of " + site.called() + " was begun at " + Revisions.begun(latest)
                                + ", not by Upkeep",
                        "Wait until whoever runs Helm there has ended; if nobody does: helm -n " + site.namespace()
                                + " rollback " + site.release()));
            }
            if (until.get().isBefore(site.work().now())) {
                fence.raise();
                try {
                    revisions.markFailed(latest, "Upkeep: whoever made it ended in the middle of it");
                } catch (Conflict itsMakerLives) {
                    // The next look finds what has become of it.
                }
            } else if (site.work().left().compareTo(RESERVE) < 0) {
                throw new Refused(Failed.retryable(
                        Failure.CHANGED_MEANWHILE,
                        "an earlier attempt may be making " + latest + " until " + until.get(),
                        "Wait until then"));
            } else {
                site.work().progress("an earlier attempt may be making " + latest + " until " + until.get());
                site.work().pause(INTERVAL);
            }
            fence.check();
        }
    }

    private Wanted wanted(Version version) throws InterruptedException {
        if (version.equals(site.request().from())) {
            return copies.before();
        }
        Charts.Chart chart = charts.of(site, version);
        JsonNode own = copies.valuesBefore().orElse(null);
        return new Wanted(
                chart,
                Values.of(site, version, own == null ? revisions.deployed().values() : own, chart.image()));
    }

    private String rendered(Wanted wanted) throws InterruptedException {
        String version = cluster.ask(
                "ask for the cluster's version",
                () -> cluster.client().getKubernetesVersion().getGitVersion());
        String rendered = Helming.render(site, wanted, version);
        Manifest manifest = Manifest.of(rendered);
        wanted.chart().image().filter(image -> !manifest.names(image.digest())).ifPresent(image -> {
            throw new Refused(
                    Failed.forGood(
                            Failure.SETTING_MISSING,
                            "nothing that the chart gives runs " + image.reference() + ", which the release names",
                            "Tell the chart by a setting such as set.image.digest: {digest}, or name the chart in the release"));
        });
        if (wanted.chart().image().isPresent() || !wanted.chart().from().startsWith("the copy")) {
            paceIsHeeded(manifest);
        }
        return rendered;
    }

    /** How a chart's Deployments roll is the chart's business: a setting that says otherwise must not be passed over. */
    private void paceIsHeeded(Manifest manifest) {
        for (String key : List.of("max-surge", "max-unavailable")) {
            Optional<String> asked = site.setting(key);
            String field = key.equals("max-surge") ? "maxSurge" : "maxUnavailable";
            for (JsonNode one : manifest.workloads()) {
                if (asked.isPresent() && one.path("kind").asText().equals("Deployment")) {
                    JsonNode strategy = one.path("spec").path("strategy");
                    String found = strategy.path("type").asText("RollingUpdate").equals("RollingUpdate")
                            ? strategy.path("rollingUpdate").path(field).asText(DEFAULT_SHARE)
                            : strategy.path("type").asText();
                    if (!found.equals(asked.get())) {
                        throw site.malformed(
                                key,
                                asked.get(),
                                "The chart's deployment/"
                                        + one.path("metadata").path("name").asText() + " has " + found
                                        + ": set it through the chart's values, or leave the setting out");
                    }
                }
            }
        }
    }
}
