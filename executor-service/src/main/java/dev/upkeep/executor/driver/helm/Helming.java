package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.UpgradeCommand;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.KubernetesAccess;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls Helm, which is a native library.
 *
 * <p>Failure: what is in native code can't be interrupted. Each call runs on a platform thread of its own (a virtual one would
 * hold its carrier), has a time limit that Helm itself keeps, and is left alone when its step is cancelled; it waits for hooks
 * at most, since what it brings is watched from outside.
 */
final class Helming {
    private static final int LONGEST_REASON = 1_500;
    private static final Duration SPARE = Duration.ofSeconds(2);

    private Helming() {}

    /**
     * What is wanted of a release.
     *
     * @param values all that are given, without the chart's own
     */
    record Wanted(Charts.Chart chart, JsonNode values) {}

    /** The chart's Chart.yaml. */
    static JsonNode show(Site site, Path chart) throws InterruptedException {
        String yaml = call(
                site, "read the chart", () -> new Helm(chart).show().chart().call());
        return Serialization.unmarshal(yaml, JsonNode.class);
    }

    /** The manifest that a chart gives with values; its hooks are in it too. Rendered here, without looking at the cluster. */
    static String render(Site site, Wanted wanted, String kubeVersion) throws InterruptedException {
        Path values = values(site, wanted.values());
        return call(
                site,
                "render the chart",
                () -> new Helm(wanted.chart().path())
                        .template()
                        .withName(site.release())
                        .withNamespace(site.namespace())
                        .withKubeVersion(kubeVersion)
                        .withValuesFile(values)
                        .call());
    }

    /** Has the API server check what an upgrade would send; nothing is changed. */
    static void tryOut(Site site, Wanted wanted) throws InterruptedException {
        UpgradeCommand upgrade = command(site, wanted).withDryRunOption(DryRun.SERVER);
        call(site, "try out the upgrade", upgrade::call);
    }

    /** Upgrades; waits for hooks, and not for what was changed to be up. */
    static void upgrade(Site site, Wanted wanted, String description, Duration limit) throws InterruptedException {
        UpgradeCommand upgrade =
                command(site, wanted).withDescription(description).withTimeout((int) Math.max(1, limit.toSeconds()));
        call(site, "upgrade", upgrade::call);
    }

    private static UpgradeCommand command(Site site, Wanted wanted) {
        // Said explicitly: with nothing said, Helm takes the values of before, or none, by what else it is told.
        return new Helm(wanted.chart().path())
                .upgrade()
                .withName(site.release())
                .withNamespace(site.namespace())
                .resetValues()
                .withValuesFile(values(site, wanted.values()))
                .withKubeConfigContents(
                        KubernetesAccess.kubeconfig(site.request().target(), site.work()));
    }

    /** JSON is YAML; readable by the executor's user alone, and gone with the step. */
    private static Path values(Site site, JsonNode values) {
        Path file = site.work().scratch().resolve("values.yaml");
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, values.toString());
        } catch (IOException e) {
            throw Artifacts.trouble("can't write the values", e);
        }
    }

    private static <T> T call(Site site, String what, Callable<T> call) throws InterruptedException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread =
                Thread.ofPlatform().daemon().name("helm-" + site.release()).unstarted(task);
        // The library is found by the thread's loader.
        thread.setContextClassLoader(Helming.class.getClassLoader());
        thread.start();
        try {
            return task.get(site.work().left().plus(SPARE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw named(site, what, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new Refused(
                    Failed.retryable(
                            Failure.DEADLINE_PASSED,
                            "Helm had not come back at the deadline when it was to " + what + " " + site.called(),
                            "Look at whether the cluster answers, and at the chart's hooks"),
                    e);
        }
    }

    private static Refused named(Site site, String what, Throwable e) {
        String said = e.getMessage() == null ? e.toString() : e.getMessage().strip();
        String reason = "Helm can't " + what + " " + site.called() + ": "
                + said.substring(0, Math.min(said.length(), LONGEST_REASON));
        String lower = said.toLowerCase(Locale.ROOT);
        if (lower.contains("another operation")) {
            return refused(
                    e, Failed.retryable(Failure.CHANGED_MEANWHILE, reason, "Wait until the other operation has ended"));
        }
        if (lower.contains("cluster unreachable")
                || lower.contains("connection refused")
                || lower.contains("i/o timeout")
                || lower.contains("no route to host")) {
            return refused(
                    e,
                    Failed.retryable(
                            Failure.CLUSTER_AWAY,
                            reason,
                            "Check that the API server can be reached from the executor"));
        }
        if (lower.contains("forbidden") || lower.contains("unauthorized")) {
            return refused(
                    e,
                    Failed.forGood(
                            Failure.FORBIDDEN, reason, "Give the account of the executor's kubeconfig that right"));
        }
        if (lower.contains("hooks failed") || lower.contains("timed out waiting")) {
            return refused(
                    e,
                    Failed.retryable(
                            Failure.START_FAILED,
                            reason,
                            "Read the logs of the hook's Job; mend what it complains about"));
        }
        if (lower.contains("no deployed releases") || lower.contains("release: not found")) {
            return refused(
                    e,
                    Failed.forGood(
                            Failure.WORKLOAD_MISSING,
                            reason,
                            "Install it, or correct the settings namespace and release"));
        }
        return refused(
                e, Failed.forGood(Failure.CLUSTER_REFUSED, reason, "Correct what it complains about: chart or values"));
    }

    private static Refused refused(Throwable e, Failed failed) {
        return new Refused(failed, e);
    }
}
