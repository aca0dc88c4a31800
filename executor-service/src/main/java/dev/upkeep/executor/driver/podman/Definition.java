package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes a version's image, and the volume of its major, into the file that defines a pod, and nothing else. */
final class Definition {
    private static final Pattern VOLUME = Pattern.compile("[A-Za-z0-9._-]*\\{major}[A-Za-z0-9._-]*");

    private Definition() {}

    /** What the file would be. */
    record Next(Path file, String now, String then) {
        boolean changes() {
            return !now.equals(then);
        }

        void write() {
            try {
                if (changes()) {
                    EnvFile.replace(file, then);
                }
            } catch (IOException e) {
                throw Artifacts.trouble("can't write " + file, e);
            }
        }
    }

    /**
     * What the file is with the version's image.
     *
     * @throws Refused if it names no image of that repository, or no volume of that name
     */
    static Optional<Next> next(Site site, Version version, Optional<ImageName> pin) {
        if (site.definition().isEmpty() || pin.isEmpty()) {
            return Optional.empty();
        }
        Path file = site.definition().get();
        String now;
        try {
            now = Files.readString(file);
        } catch (IOException e) {
            throw Artifacts.trouble("can't read " + file, e);
        }
        ImageName image = pin.get();
        // As it is written there: podman knows an image of Docker Hub by three names.
        String official = "docker.io/library/";
        String repository = image.repository().startsWith(official)
                ? "(?:docker\\.io/)?(?:library/)?"
                        + Pattern.quote(image.repository().substring(official.length()))
                : Pattern.quote(image.repository());
        Pattern line = Pattern.compile("(?m)^(\\s*(?:-\\s+)?image:\\s*)(['\"]?)(" + repository
                + ")(?::[A-Za-z0-9._${}-]+)?(?:@sha256:[0-9a-f]{64})?\\2([ \\t]*(?:#.*)?)$");
        Matcher found = line.matcher(now);
        if (!found.find()) {
            throw missing(file, "no container of the image " + image.repository(), "definition");
        }
        String reference = image.tag().isEmpty() ? "@" + image.digest() : ":" + image.tag();
        String then = found.replaceAll("$1$2$3" + Matcher.quoteReplacement(reference) + "$2$4");
        Optional<String> volume = site.setting("volume");
        return Optional.of(new Next(file, now, volume.isEmpty() ? then : moved(file, then, volume.get(), version)));
    }

    private static String moved(Path file, String text, String template, Version version) {
        if (!VOLUME.matcher(template).matches()) {
            throw missing(file, "use for the volume '" + template + "': it has no {major}", "volume");
        }
        String[] around = template.split(Pattern.quote("{major}"), -1);
        Matcher found = Pattern.compile("(?m)^(\\s*claimName:\\s*)(['\"]?)" + Pattern.quote(around[0]) + "\\d+"
                        + Pattern.quote(around[1]) + "\\2([ \\t]*(?:#.*)?)$")
                .matcher(text);
        if (!found.find()) {
            throw missing(file, "no claim of a volume " + template, "volume");
        }
        return found.replaceAll("$1$2"
                + Matcher.quoteReplacement(template.replace("{major}", Integer.toString(version.major()))) + "$2$3");
    }

    private static Refused missing(Path file, String what, String setting) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING, file + " has " + what, "Correct the setting " + setting + ", or the file"));
    }
}
