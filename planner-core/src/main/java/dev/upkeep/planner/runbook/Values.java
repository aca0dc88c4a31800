package dev.upkeep.planner.runbook;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the names in a step's commands stand for, on one tenant. */
final class Values {
    private static final Pattern JDBC =
            Pattern.compile("jdbc:postgresql://(\\[[0-9a-fA-F:.]+]|[^/:?]+)(?::(\\d+))?/([^?]*)(?:\\?.*)?");
    private static final String POSTGRESQL = "postgresql";

    private final String tenant;
    private final Plan plan;
    private final Step step;
    private final Target target;
    private final Map<String, String> plain = new HashMap<>();
    private final Map<String, String> overrides = new HashMap<>();

    Values(String tenant, Plan plan, Step step) {
        this.tenant = tenant;
        this.plan = plan;
        this.step = step;
        this.target = target(step.component()).orElseThrow();
        String slug = tenant.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
        plain.put("tenant", tenant);
        plain.put("product", plan.product().value());
        plain.put("component", step.component().value());
        plain.put("from", plan.from().toString());
        plain.put("to", plan.to().toString());
        plain.put("version", version().toString());
        if (version().equals(plan.to())) {
            plain.put("forward", "");
        }
        for (String shared : List.of("tag-variable", "login")) {
            setting(shared)
                    .or(() -> role("set").map(t -> t.settings().get(shared)))
                    .ifPresent(value -> plain.put(shared, value));
        }
        setting("pod")
                .ifPresent(pod -> plain.put(
                        "pod-name",
                        setting("pod-prefix")
                                        .or(() -> role("set")
                                                .map(t -> t.settings().get("pod-prefix")))
                                        .orElse("")
                                + pod));
        setting("project").ifPresent(project -> {
            plain.put("file", project + "/" + setting("file").orElse("docker-compose.yml"));
            plain.put("override", project + "/" + override());
        });
        if (step.action() instanceof Action.RunTask a) {
            plain.put("task.name", a.task());
        }
        plain.put("seconds", Long.toString(Math.max(1, seconds().toSeconds())));
        plain.put("slot", shortened("upkeep_by_hand_" + slug));
        plain.put("scratch", shortened("upkeep_scratch_" + slug));
        database().ifPresent(this::addDatabase);
        setting("admin")
                .ifPresent(admin -> plain.put("gate.url", admin.endsWith("/") ? admin + "gate" : admin + "/gate"));
        role("schema")
                .or(() -> Optional.of(target))
                .ifPresent(t -> Optional.ofNullable(t.settings().get("location"))
                        .ifPresent(location -> plain.put("location", location)));
        artifact().ifPresent(this::addArtifact);
        if (step.action() instanceof Action.CheckSettings a) {
            plain.put("required.pattern", a.required().isEmpty() ? "^$" : String.join("|", a.required()));
        }
    }

    /** The file in which an image is pinned, beside the project's own. */
    private String override() {
        return setting("override").orElse("upkeep." + setting("service").orElse("service") + ".yml");
    }

    private static String shortened(String identifier) {
        return identifier.length() <= 60 ? identifier : identifier.substring(0, 60);
    }

    /** The same values, but for some names. */
    Values with(Map<String, String> others) {
        Values changed = new Values(tenant, plan, step);
        changed.overrides.putAll(others);
        return changed;
    }

    Step step() {
        return step;
    }

    /** The component that plays a role for the step's. */
    Optional<Target> role(String role) {
        return Optional.ofNullable(step.uses().get(role)).flatMap(this::target);
    }

    /** The value that a name stands for; empty where nobody has set it. */
    Optional<String> find(String name) {
        if (overrides.containsKey(name)) {
            return Optional.ofNullable(overrides.get(name));
        }
        if (plain.containsKey(name)) {
            return Optional.ofNullable(plain.get(name));
        }
        int dot = name.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        String key = name.substring(dot + 1);
        return name.startsWith("setting.")
                ? setting(key)
                : role(name.substring(0, dot)).map(t -> t.settings().get(key));
    }

    /** The command that a name stands for, as its template. */
    Optional<String> command(String name) {
        return name.equals("task") && step.action() instanceof Action.RunTask a
                ? setting("task." + a.task())
                : find(name);
    }

    /** What stands behind the placeholders that an executor fills into a component's own commands. */
    Map<String, String> ofCommands() {
        Map<String, String> values = new HashMap<>();
        values.put("java", setting("java").orElse("java"));
        values.put("version", version().toString());
        values.put("from", plan.from().toString());
        values.put("to", plan.to().toString());
        values.put("tenant", tenant);
        setting("home").ifPresent(home -> values.put("home", home));
        setting("port").ifPresent(port -> values.put("port", port));
        values.put("major", Integer.toString(version().major()));
        find("artifact.file").or(() -> find("artifact.image")).ifPresent(bytes -> values.put("artifact", bytes));
        return values;
    }

    /** The component's environment, by name. */
    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        target.settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring("env.".length()), value);
            }
        });
        return environment;
    }

    /** The migrations to take back: those that the step names, or all that the hop may have run, the last one first. */
    List<String> migrations() {
        List<String> ids = step.action() instanceof Action.RevertMigrations a
                        && !a.migrations().isEmpty()
                ? a.migrations()
                : plan.migrations().stream().map(m -> m.id()).toList();
        return ids.reversed();
    }

    private Optional<String> setting(String key) {
        return Optional.ofNullable(target.settings().get(key));
    }

    private Optional<Target> target(ComponentName component) {
        return plan.targets().stream()
                .filter(t -> t.component().equals(component))
                .findFirst();
    }

    private Optional<Target> database() {
        return target.driver().value().equals(POSTGRESQL) ? Optional.of(target) : role("database");
    }

    private void addDatabase(Target database) {
        Optional.ofNullable(database.settings().get("user")).ifPresent(user -> plain.put("pg.user", user));
        Optional.ofNullable(database.settings().get("password"))
                .ifPresent(password -> plain.put("pg.password", password));
        Matcher url = JDBC.matcher(database.settings().getOrDefault("url", ""));
        if (url.matches()) {
            plain.put("pg.host", url.group(1).replace("[", "").replace("]", ""));
            plain.put("pg.port", url.group(2) == null ? "5432" : url.group(2));
            plain.put("pg.database", url.group(3));
            plain.put("restored", shortened(url.group(3) + "_restored"));
            plain.put("failed", shortened(url.group(3) + "_failed"));
            plain.put(
                    "scratch.url",
                    "jdbc:postgresql://" + url.group(1) + ":" + plain.get("pg.port") + "/" + plain.get("scratch"));
        }
    }

    private Version version() {
        return switch (step.action()) {
            case Action.FetchArtifact a -> a.version();
            case Action.DryRun a -> a.version();
            case Action.Migrate a -> a.version();
            case Action.Start a -> a.version();
            case Action.Redeploy a -> a.version();
            case Action.VerifyShut a -> a.version();
            case Action.VerifyOpen a -> a.version();
            // What takes migrations back is what ran them.
            case Action.Recover a -> plan.to();
            case Action.Change a -> plan.to();
            case Action.Prepare a -> plan.to();
            case Action.Protect a -> plan.to();
            case Action.Quiesce a -> plan.to();
            case Action.Reopen a -> plan.to();
            case Action.Person a -> plan.to();
        };
    }

    private Duration seconds() {
        return step.action() instanceof Action.ParkTraffic a ? a.retryAfter() : step.deadline();
    }

    private Optional<Artifact> artifact() {
        return Optional.ofNullable(target.artifacts().get(version().toString()));
    }

    private void addArtifact(Artifact artifact) {
        String digest = artifact.digest().value();
        plain.put("artifact.location", artifact.location());
        plain.put("artifact.sha256", digest.substring(digest.indexOf(':') + 1));
        String repository =
                artifact.location().replaceFirst("^(docker|oci)://", "").replaceFirst("[:@][^/]*$", "");
        plain.put("artifact.repository", repository);
        plain.put("artifact.image", repository + "@" + digest);
        // What is built from a checkout has no image to pin.
        find("override").filter(file -> setting("checkout").isEmpty()).ifPresent(file -> plain.put("pin", file));
        // A component may run the bytes of another one; it is that one's home where they lie.
        Target holder = role("artifact").orElse(target);
        Optional.ofNullable(holder.settings().get("home"))
                .filter(home -> holder.driver().value().equals("process"))
                .ifPresent(home -> plain.put("artifact.file", home + "/releases/" + version() + "/artifact.jar"));
    }
}
