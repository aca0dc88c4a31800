package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Optional;

/** Opens a component's cluster by the kubeconfig that its settings refer to, or by the executor's own. */
final class Access {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(15);
    private static final int RETRIES = 3;

    private Access() {}

    /** Reads the kubeconfig anew each time, since what is in it expires. */
    static KubernetesClient of(Target target, Work work) {
        Config config = config(target, work);
        config.setConnectionTimeout((int) CONNECT.toMillis());
        config.setRequestTimeout((int) REQUEST.toMillis());
        config.setRequestRetryBackoffLimit(RETRIES);
        config.setHttp2Disable(true);
        config.setUserAgent("upkeep-executor");
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    private static Config config(Target target, Work work) {
        Optional<String> context = work.secrets().find(target, "context");
        String setting = target.settings().get("kubeconfig");
        if (setting != null && work.secrets().resolve(setting).equals(setting)) {
            throw Site.malformed(
                    target, "kubeconfig", "…", "Use a reference to it, such as file:/etc/upkeep/acme.kubeconfig");
        }
        Config config;
        try {
            config = setting == null
                    ? Config.autoConfigure(context.orElse(null))
                    : Config.fromKubeconfig(inContext(work.secrets().resolve(setting), context));
        } catch (RuntimeException e) {
            throw new Refused(
                    Failed.forGood(
                            Failure.SETTING_MISSING,
                            "the kubeconfig of " + target.component() + " can't be read",
                            "Give the executor a kubeconfig, in KUBECONFIG or by the setting kubeconfig"),
                    e);
        }
        if (context.isPresent()
                && (config.getCurrentContext() == null
                        || !context.get().equals(config.getCurrentContext().getName()))) {
            throw Site.malformed(target, "context", context.get(), "Use the name of a context of the kubeconfig");
        }
        return config;
    }

    private static String inContext(String kubeconfig, Optional<String> context) {
        if (context.isEmpty()) {
            return kubeconfig;
        }
        var read = Serialization.unmarshal(kubeconfig, io.fabric8.kubernetes.api.model.Config.class);
        read.setCurrentContext(context.get());
        return Serialization.asYaml(read);
    }
}
