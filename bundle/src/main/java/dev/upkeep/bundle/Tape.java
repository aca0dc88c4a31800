package dev.upkeep.bundle;

import dev.upkeep.bundle.BundleRefused.Why;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The tar format as far as a bundle uses it: plain files under plain names, each header byte for byte as it must be.
 *
 * <p>Nothing but the first name and its length is taken from a file that nobody vouches for yet. Every later header is
 * computed from the signed statement and compared; what does not match is looked at only to name it.
 */
final class Tape {
    static final String STATEMENT = "statement.dsse.json";

    private static final int BLOCK = TarConstants.DEFAULT_RCDSIZE;
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
    private static final String AGAIN = "take the bundle again from where it was made: this one was changed on its way";

    private Tape() {}

    /** The one header that a file of this name and length has. */
    static byte[] header(String name, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setMode(0100644);
        byte[] header = new byte[BLOCK];
        entry.writeEntryHeader(header);
        return header;
    }

    static void write(OutputStream out, String name, long size, InputStream content) throws IOException, BundleRefused {
        out.write(header(name, size));
        Sha256.Copied copied = Sha256.copy(content, out, size);
        if (copied.size() != size) {
            throw new BundleRefused(
                    Why.WRONG_DIGEST, name + " changed while it was put in", "leave the files alone and try again");
        }
        pad(out, size);
    }

    static void pad(OutputStream out, long size) throws IOException {
        out.write(new byte[padding(size)]);
    }

    static void end(OutputStream out) throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    /** The envelope's bytes: the only thing that is read of a file that nobody vouches for. */
    static byte[] statement(InputStream in) throws IOException, BundleRefused {
        byte[] header = block(in, STATEMENT);
        TarArchiveEntry found = found(header);
        if (!found.getName().equals(STATEMENT)) {
            throw new BundleRefused(
                    Why.MALFORMED,
                    "its first file is '" + shown(found.getName()) + "' and not " + STATEMENT,
                    "give a bundle that `upkeep bundle create` made");
        }
        if (found.getSize() < 1 || found.getSize() > Limits.STATEMENT) {
            throw new BundleRefused(
                    Why.TOO_LARGE,
                    "its statement has " + found.getSize() + " bytes; at most are " + Limits.STATEMENT,
                    AGAIN);
        }
        if (!Arrays.equals(header, header(STATEMENT, found.getSize()))) {
            throw new BundleRefused(Why.MALFORMED, "the header of its statement was changed", AGAIN);
        }
        byte[] bytes = in.readNBytes((int) found.getSize());
        if (bytes.length < found.getSize()) {
            throw cutOff(STATEMENT);
        }
        pad(in, STATEMENT, found.getSize());
        return bytes;
    }

    /** Reads the header of the file that must come next, by the statement. */
    static void expect(InputStream in, Entry entry) throws IOException, BundleRefused {
        byte[] header = block(in, entry.name());
        if (Arrays.equals(header, header(entry.name(), entry.size()))) {
            return;
        }
        if (isZero(header)) {
            throw new BundleRefused(
                    Why.MISSING, "it ends where the statement names " + entry.name(), "take the whole bundle again");
        }
        TarArchiveEntry found = found(header);
        if (!found.getName().equals(entry.name())) {
            throw new BundleRefused(
                    Why.NOT_SIGNED_FOR,
                    "it has '" + shown(found.getName()) + "' where the statement names " + entry.name(),
                    AGAIN);
        }
        if (found.getSize() != entry.size()) {
            throw new BundleRefused(
                    found.getSize() > entry.size() ? Why.TOO_LARGE : Why.WRONG_DIGEST,
                    entry.name() + " has " + found.getSize() + " bytes; the statement says " + entry.size(),
                    AGAIN);
        }
        throw new BundleRefused(Why.MALFORMED, "the header of " + entry.name() + " was changed", AGAIN);
    }

    /** Copies the file that was expected, and refuses it if its bytes are not those that were signed. */
    static void content(InputStream in, Entry entry, OutputStream to) throws IOException, BundleRefused {
        Sha256.Copied copied = Sha256.copy(new Bounded(in, entry.size()), to, entry.size());
        if (copied.size() < entry.size()) {
            throw cutOff(entry.name());
        }
        if (!copied.digest().equals(entry.digest())) {
            throw new BundleRefused(
                    Why.WRONG_DIGEST,
                    entry.name() + " has the digest " + copied.digest() + "; signed is " + entry.digest(),
                    AGAIN);
        }
        pad(in, entry.name(), entry.size());
    }

    /** Makes sure that nothing follows. */
    static void atEnd(InputStream in) throws IOException, BundleRefused {
        byte[] first = block(in, "its end");
        if (!isZero(first)) {
            throw new BundleRefused(
                    Why.NOT_SIGNED_FOR,
                    "it has '" + shown(found(first).getName()) + "', which the statement does not name",
                    AGAIN);
        }
        if (!isZero(block(in, "its end")) || in.read() >= 0) {
            throw new BundleRefused(Why.CUT_OFF, "something follows its end", AGAIN);
        }
    }

    /** What a header says, once it is known to be that of a plain file under a plain name. */
    private static TarArchiveEntry found(byte[] header) throws BundleRefused {
        TarArchiveEntry found;
        try {
            found = new TarArchiveEntry(header);
        } catch (RuntimeException e) {
            // The library says in several ways that it can't read a header that somebody made up.
            throw new BundleRefused(Why.MALFORMED, "a header can't be read: " + shown(e.getMessage()), AGAIN, e);
        }
        String name = found.getName();
        if (found.isSymbolicLink() || found.isLink()) {
            throw new BundleRefused(Why.LINK, "'" + shown(name) + "' is a link", AGAIN);
        }
        if (header[156] != TarConstants.LF_NORMAL || name.endsWith("/")) {
            throw new BundleRefused(Why.NO_FILE, "'" + shown(name) + "' is no plain file", AGAIN);
        }
        if (!SAFE.matcher(name).matches() || name.toLowerCase(Locale.ROOT).contains("..")) {
            throw new BundleRefused(Why.UNSAFE_NAME, "'" + shown(name) + "' is no name that a bundle has", AGAIN);
        }
        return found;
    }

    private static void pad(InputStream in, String name, long size) throws IOException, BundleRefused {
        byte[] rest = in.readNBytes(padding(size));
        if (rest.length < padding(size)) {
            throw cutOff(name);
        }
        if (!isZero(rest)) {
            throw new BundleRefused(Why.MALFORMED, "something lies between " + name + " and what follows it", AGAIN);
        }
    }

    private static byte[] block(InputStream in, String before) throws IOException, BundleRefused {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw cutOff(before);
        }
        return block;
    }

    private static BundleRefused cutOff(String where) {
        return new BundleRefused(Why.CUT_OFF, "the file ends at " + where, "take the whole bundle again");
    }

    private static int padding(long size) {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** A text of a stranger's, so that it moves no terminal. */
    private static String shown(@org.jspecify.annotations.Nullable String text) {
        return String.valueOf(text).replaceAll("[^\\x20-\\x7e]", "?");
    }

    /** The bytes of one file and no more. */
    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long left;

        private Bounded(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(into, offset, (int) Math.min(length, left));
            left -= Math.max(read, 0);
            return read;
        }
    }
}
