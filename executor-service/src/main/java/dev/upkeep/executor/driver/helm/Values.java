package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.ImageName;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The values of a version that comes: those that the setting {@code values} refers to, else the release's own, always all of
 * them, and over them what the settings {@code set.PATH} say.
 */
final class Values {
    private Values() {}

    static JsonNode of(Site site, Version version, JsonNode own, Optional<ImageName> image) {
        ObjectNode values = (ObjectNode) given(site).orElse(own).deepCopy();
        Map<String, String> placeholders = new TreeMap<>(Map.of("version", version.toString()));
        image.ifPresent(named -> {
            placeholders.put("image", named.reference());
            placeholders.put("repository", named.repository());
            placeholders.put("digest", named.digest());
        });
        new TreeMap<>(site.request().target().settings()).forEach((key, template) -> {
            if (key.startsWith("set.")) {
                set(values, key.substring("set.".length()), filled(site, key, template, placeholders));
            }
        });
        return values;
    }

    /** What is written down for the executor; a relative name is a runbook's, whose directory the executor does not have. */
    private static Optional<JsonNode> given(Site site) {
        String setting = site.request().target().settings().get("values");
        if (setting == null) {
            return Optional.empty();
        }
        String resolved = site.work().secrets().resolve(setting);
        if (!resolved.equals(setting)) {
            return Optional.of(parsed(site, setting, resolved));
        }
        if (!setting.startsWith("/")) {
            return Optional.empty();
        }
        try {
            return Optional.of(parsed(site, setting, Files.readString(Path.of(setting))));
        } catch (IOException e) {
            throw Artifacts.trouble("can't read the values", e);
        }
    }

    private static JsonNode parsed(Site site, String setting, String yaml) {
        try {
            JsonNode values = Serialization.unmarshal(yaml.isBlank() ? "{}" : yaml, JsonNode.class);
            if (values.isObject()) {
                return values;
            }
        } catch (RuntimeException e) {
            // Told below without its message, which may quote a secret.
        }
        throw site.malformed("values", setting, "Let it lead to a YAML mapping");
    }

    private static String filled(Site site, String key, String template, Map<String, String> placeholders) {
        String resolved = site.work().secrets().resolve(template);
        if (!resolved.equals(template)) {
            return resolved;
        }
        String text = template;
        for (Map.Entry<String, String> one : placeholders.entrySet()) {
            text = text.replace("{" + one.getKey() + "}", one.getValue());
        }
        if (text.matches(".*\\{(image|repository|digest)}.*")) {
            throw site.malformed(key, template, "The release names no image of this component: leave the setting out");
        }
        return text;
    }

    private static void set(ObjectNode values, String path, String value) {
        String[] names = path.split("\\.");
        ObjectNode at = values;
        for (int i = 0; i < names.length - 1; i++) {
            at = at.get(names[i]) instanceof ObjectNode there ? there : at.putObject(names[i]);
        }
        String last = names[names.length - 1];
        if (value.equals("true") || value.equals("false")) {
            at.put(last, Boolean.parseBoolean(value));
        } else {
            at.put(last, value);
        }
    }
}
