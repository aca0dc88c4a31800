package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pod of a Job that migrates: that of the component's {@code workload} with the version's image, be it a Job that is kept
 * as a pattern or the Deployment that the migrations belong to, of which it takes the one container. {@code command} is what
 * it runs; without any such workload it is made of nothing but image and command.
 */
final class JobPod {
    private JobPod() {}

    static PodSpec of(Site site, String image, Optional<HasMetadata> pattern) {
        Optional<List<String>> command = site.setting("command").map(template -> {
            try {
                return CommandLine.of(
                        template, Map.of("version", site.request().to().toString()));
            } catch (IllegalArgumentException e) {
                throw Site.malformed(site.request().target(), "command", template, "Correct it: " + e.getMessage());
            }
        });
        if (pattern.isEmpty() || (command.isEmpty() && site.kind() != Kind.JOB)) {
            if (command.isEmpty()) {
                throw new Refused(Failed.forGood(
                        Failure.WORKLOAD_MISSING,
                        pattern.isEmpty()
                                ? "there is no " + site.called() + " to take the migrations' pod from, and no command"
                                : "it is not said which command migrates in a pod of " + site.called(),
                        "Keep such a Job there, or set command of the component"));
            }
            Container alone = new ContainerBuilder()
                    .withName("migrate")
                    .withImage(image)
                    .withCommand(command.get())
                    .build();
            return new PodSpecBuilder()
                    .withContainers(alone)
                    .withRestartPolicy("Never")
                    .build();
        }
        PodSpec spec = Cluster.template(pattern.get()).getSpec();
        List<String> chosen = Image.runBy(site, spec.getContainers()).stream()
                .map(Container::getName)
                .toList();
        List<Container> containers = spec.getContainers().stream()
                .filter(c -> site.kind() == Kind.JOB || c.getName().equals(chosen.getFirst()))
                .map(c -> chosen.contains(c.getName()) ? migrating(c, image, command) : c)
                .toList();
        List<String> init =
                Image.initRunBy(site, spec).stream().map(Container::getName).toList();
        return new PodSpecBuilder(spec)
                .withContainers(containers)
                .withInitContainers(spec.getInitContainers().stream()
                        .map(c -> init.contains(c.getName())
                                ? new ContainerBuilder(c).withImage(image).build()
                                : c)
                        .toList())
                .withRestartPolicy("Never")
                .build();
    }

    private static Container migrating(Container container, String image, Optional<List<String>> command) {
        ContainerBuilder made = new ContainerBuilder(container)
                .withImage(image)
                .withLivenessProbe(null)
                .withReadinessProbe(null)
                .withStartupProbe(null);
        return command.map(argv -> made.withCommand(argv).withArgs(List.of()).build())
                .orElseGet(made::build);
    }
}
