package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Outcome.Failed;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way into a component's cluster: by the kubeconfig that its settings {@code kubeconfig} and {@code context} refer to, or by
 * the executor's own.
 */
public final class KubernetesAccess {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(15);
    private static final int RETRIES = 3;

    private KubernetesAccess() {}

    /** A client with a time limit on every call. Reads the kubeconfig anew each time, since what is in it expires. */
    public static KubernetesClient open(Target target, Work work) {
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

    /** A kubeconfig of the same access for a program that needs one; it holds what it names, and must never be logged. */
    public static String kubeconfig(Target target, Work work) {
        Config config = config(target, work);
        if (target.settings().containsKey("kubeconfig")) {
            return inContext(
                    work.secrets().need(target, "kubeconfig"), work.secrets().find(target, "context"));
        }
        Map<String, Object> cluster = new HashMap<>(Map.of("server", config.getMasterUrl()));
        put(cluster, "certificate-authority-data", config.getCaCertData(), config.getCaCertFile());
        Map<String, Object> user = new HashMap<>();
        put(user, "client-certificate-data", config.getClientCertData(), config.getClientCertFile());
        put(user, "client-key-data", config.getClientKeyData(), config.getClientKeyFile());
        Optional.ofNullable(config.getOauthToken())
                .or(() -> Optional.ofNullable(config.getAutoOAuthToken()))
                .ifPresent(token -> user.put("token", token));
        return Serialization.asYaml(Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Config",
                "current-context",
                "upkeep",
                "clusters",
                List.of(Map.of("name", "upkeep", "cluster", cluster)),
                "users",
                List.of(Map.of("name", "upkeep", "user", user)),
                "contexts",
                List.of(Map.of("name", "upkeep", "context", Map.of("cluster", "upkeep", "user", "upkeep")))));
    }

    private static void put(Map<String, Object> into, String key, @Nullable String content, @Nullable String file) {
        try {
            if (content != null) {
                into.put(key, content);
            } else if (file != null) {
                into.put(
                        key,
                        Base64.getEncoder()
                                .encodeToString(Files.readString(Path.of(file)).getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw Artifacts.trouble("can't read " + file + ", which the executor's kubeconfig names", e);
        }
    }

    private static Config config(Target target, Work work) {
        Optional<String> context = work.secrets().find(target, "context");
        String setting = target.settings().get("kubeconfig");
        if (setting != null && work.secrets().resolve(setting).equals(setting)) {
            throw malformed(
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
            throw malformed(target, "context", context.get(), "Use the name of a context of the kubeconfig");
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

    private static Refused malformed(Target target, String key, String value, String fix) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING,
                "setting " + key + " '" + value + "' of " + target.component() + " is not understood",
                fix));
    }
}
