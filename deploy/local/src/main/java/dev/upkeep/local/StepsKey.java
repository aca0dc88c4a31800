package dev.upkeep.local;

import dev.upkeep.contract.signature.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/**
 * The key that the planner signs steps with, and its public half for the executor. It is made before the services start,
 * which do so side by side: the executor must find what it is to trust.
 */
record StepsKey(Path file, Path publicFile) {
    /** The key in a file; made when it is first asked for. */
    static StepsKey at(Path file) {
        String text = Secret.at(file, StepsKey::fresh);
        Path publicFile = file.resolveSibling(file.getFileName() + ".pub");
        try {
            Files.writeString(
                    publicFile, Pem.block(Pem.PUBLIC_KEY, Pem.publicKey(text).getEncoded()));
            return new StepsKey(file, publicFile);
        } catch (IOException e) {
            throw new LocalFailure("can't write " + publicFile + " (" + e + ")", "free some disk space", e);
        } catch (GeneralSecurityException e) {
            throw new LocalFailure(
                    file + " holds no key to sign steps with: " + e.getMessage(),
                    "move it away to have one made; steps that it signed and nobody has carried out are refused then",
                    e);
        }
    }

    private static String fresh() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(Pem.ALGORITHM).generateKeyPair();
            return Pem.block(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded())
                    + Pem.block(Pem.PUBLIC_KEY, pair.getPublic().getEncoded());
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
