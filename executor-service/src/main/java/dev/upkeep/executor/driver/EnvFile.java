package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Action;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of variables, such as a project's {@code .env}: read by name, and changed one line at a time. */
public final class EnvFile {
    private static final Pattern LINE =
            Pattern.compile("(?m)^[ \\t]*(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \\t]*=(.*)$");

    private EnvFile() {}

    /**
     * The variables by name, as they are written, without the quotes around a value; the last one counts. Empty if
     * there is no such file.
     *
     * @throws Refused if it can't be read
     */
    public static Map<String, String> read(Path file) {
        Map<String, String> variables = new TreeMap<>();
        try {
            Matcher line = LINE.matcher(Files.exists(file) ? Files.readString(file) : "");
            while (line.find()) {
                variables.put(line.group(1), line.group(2).strip().replaceAll("^(['\"])(.*)\\1$", "$2"));
            }
            return variables;
        } catch (IOException e) {
            throw Artifacts.trouble("can't read " + file, e);
        }
    }

    /** Sets a variable, in one instant, with the rights that the file had, and leaves every other line as it is. */
    public static void set(Path file, String name, String value) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : "";
        Matcher line = Pattern.compile("(?m)^([ \\t]*(?:export[ \\t]+)?)" + Pattern.quote(name) + "[ \\t]*=.*$")
                .matcher(text);
        String next = text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + name + "=" + value + "\n";
        while (line.find()) {
            // The last one counts.
            next = text.substring(0, line.start()) + line.group(1).stripLeading() + name + "=" + value
                    + text.substring(line.end());
        }
        if (!next.equals(text)) {
            replace(file, next);
        }
    }

    /** Gives a file another content: in one instant, durably, and with the rights that it had. */
    public static void replace(Path file, String text) throws IOException {
        Path real = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path next = real.resolveSibling(real.getFileName() + ".upkeep-next");
        if (Files.exists(real)) {
            Files.copy(real, next, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.write(next, text.getBytes(StandardCharsets.UTF_8));
        Artifacts.sync(next);
        Files.move(next, real, StandardCopyOption.ATOMIC_MOVE);
        Path directory = real.getParent();
        if (directory != null) {
            Artifacts.sync(directory);
        }
    }

    /**
     * What a check of settings finds.
     *
     * @param who needs them, for a person
     * @param place where to set them
     * @param set by name, whether it has a value: an empty one does for nothing that is required
     */
    public static Outcome check(Action.CheckSettings check, String who, Path place, Map<String, Boolean> set) {
        return SettingsCheck.of(
                check,
                who,
                "Set it in " + place + ", then retry",
                name -> set.getOrDefault(name, false),
                set::containsKey);
    }
}
