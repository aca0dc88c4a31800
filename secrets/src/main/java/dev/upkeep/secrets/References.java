package dev.upkeep.secrets;

import dev.upkeep.secrets.Unresolved.Why;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Turns references to secrets into the secrets, each time anew: whoever rotates one need not restart anything.
 *
 * <p>{@code env:NAME} is a variable of this process, {@code file:/path} a file's content without its trailing white
 * space, {@code vault:MOUNT/PATH#FIELD} a field of a secret in a key-value store, see {@link Vault}.
 */
public final class References {
    private static final String ENV = "env:";
    private static final String FILE = "file:";
    private static final String VAULT = "vault:";
    private static final Pattern ANY = Pattern.compile("(env|file|vault):.+");

    private final Map<String, String> environment;
    private final Optional<Vault> vault;

    public References(Map<String, String> environment, Optional<Vault> vault) {
        this.environment = environment;
        this.vault = vault;
    }

    /**
     * Those of this process.
     *
     * @param settings the value of a setting by its name, such as {@code upkeep.vault.address}
     * @throws IllegalArgumentException naming a setting that can't be understood
     */
    public static References of(Map<String, String> environment, Function<String, Optional<String>> settings) {
        return new References(environment, VaultSettings.of(settings).map(Vault::new));
    }

    /** Whether a text is a reference, and not the thing itself. */
    public static boolean is(String text) {
        return ANY.matcher(text).matches();
    }

    /**
     * The secret that a reference stands for; a text that is no reference is given back.
     *
     * @throws Unresolved if there is none, or none can be had now
     */
    public String resolve(String text) throws Unresolved {
        if (text.startsWith(ENV)) {
            String value = environment.get(text.substring(ENV.length()));
            if (value == null) {
                throw new Unresolved(Why.MISSING, text + ": the environment has no such variable");
            }
            return value;
        }
        if (text.startsWith(FILE)) {
            return file(text);
        }
        if (text.startsWith(VAULT)) {
            return vault.orElseThrow(() ->
                            new Unresolved(Why.MISSING, text + ": no vault is set up here; set upkeep.vault.address"))
                    .read(text, VaultPath.of(text));
        }
        return text;
    }

    private static String file(String reference) throws Unresolved {
        try {
            return Files.readString(Path.of(reference.substring(FILE.length()))).stripTrailing();
        } catch (IOException | InvalidPathException e) {
            // Its kind says enough: the message of one that is malformed may quote what was read.
            throw new Unresolved(
                    Why.MISSING,
                    reference + ": the file can't be read: " + e.getClass().getSimpleName());
        }
    }
}
