package dev.upkeep.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * Opens a sealed file by hand, on a machine that has the key: {@code Unseal FILE NAME REFERENCE} writes what is in it to
 * its standard output, for a pipe into pg_restore.
 *
 * <p>Failure: it ends with 1 and says why on its standard error. What it has written until then is whole as far as it
 * goes, but not all: a pipe must heed how it ends (pg_restore with --single-transaction and the shell with pipefail do).
 */
public final class Unseal {
    private Unseal() {}

    public static void main(String[] arguments) {
        int exit = run(arguments, new References(System.getenv(), Optional.empty()), System.out, System.err);
        System.out.flush();
        System.exit(exit);
    }

    static int run(String[] arguments, References references, OutputStream opened, Appendable said) {
        try {
            if (arguments.length != 3) {
                said.append("usage: Unseal FILE TENANT/BACKUP env:NAME|file:/path > dump\n");
                return 2;
            }
            try (InputStream sealed = Files.newInputStream(Path.of(arguments[0]));
                    InputStream in = Seal.opened(sealed, key(references, arguments[2]), arguments[1])) {
                in.transferTo(opened);
            } catch (IOException | Unresolved | IllegalArgumentException e) {
                said.append(arguments[0] + ": " + e.getMessage() + "\n");
                return 1;
            }
            return 0;
        } catch (IOException nobodyReadsWhatItSays) {
            return 1;
        }
    }

    private static Function<String, Optional<SealKey>> key(References references, String reference) throws Unresolved {
        SealKey key = SealKey.of(references.resolve(reference));
        return id -> Optional.of(key).filter(one -> one.id().equals(id));
    }
}
