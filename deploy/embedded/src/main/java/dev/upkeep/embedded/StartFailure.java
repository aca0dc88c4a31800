package dev.upkeep.embedded;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says why a part did not start and what to do about it. */
public final class StartFailure extends RuntimeException {
    /** The causes a caller may tell apart. */
    public enum Kind {
        /** Somebody else listens on the port. */
        PORT_TAKEN,
        /** The directory belongs to a part of an owner that is still running. */
        IN_USE,
        /** No space is left on the directory's disk. */
        DISK_FULL,
        /** The directory, or what the part needs of the operating system, may not be used. */
        NO_PERMISSION,
        /** A program that the part needs is not installed. */
        MISSING_PROGRAM,
        /** The directory holds the state of another version, or something that is no state at all. */
        UNREADABLE_STATE,
        /** It did not get ready before its deadline. */
        TOO_SLOW,
        /** It ended by itself; its last words are in the message. */
        DIED
    }

    private static final long LEAST_ROOM = 64 << 10;
    private static final List<String> DISK_FULL_WORDS = List.of("no space left", "quota exceeded");

    private final Kind kind;
    private final String what;
    private final String fix;

    StartFailure(Kind kind, String what, String fix) {
        this(kind, what, fix, null);
    }

    StartFailure(Kind kind, String what, String fix, @Nullable Throwable cause) {
        super(what + ". What to do: " + fix + ".", cause);
        this.kind = kind;
        this.what = what;
        this.fix = fix;
    }

    /** Which cause it was. */
    public Kind kind() {
        return kind;
    }

    /** What went wrong, without the advice. */
    public String what() {
        return what;
    }

    /** What would put it right. */
    public String fix() {
        return fix;
    }

    /** Names the cause behind a part's last words; {@code port} is the one that the part was told to listen on. */
    static StartFailure fromLastWords(String part, String lastWords, Path log, int port) {
        String words = lastWords.toLowerCase(Locale.ROOT);
        String said = lastWords.isBlank() ? "it said nothing" : "it said:\n" + lastWords.strip() + "\n";
        if (saysDiskFull(words)) {
            return diskFull(part, directoryOf(log), "it said: " + tellingLine(lastWords), null);
        }
        if (hasNoRoom(directoryOf(log))) {
            // Where the log could not be written either, its last words are of something else.
            return diskFull(part, directoryOf(log), "nothing more can be written there", null);
        }
        if (words.contains("address already in use")
                || words.contains("could not bind")
                || words.contains("bindexception")) {
            return Port.taken(port, part);
        }
        if (words.contains("unshare failed") || words.contains("cannot be run as root")) {
            return new StartFailure(
                    Kind.NO_PERMISSION,
                    part + " refuses to run as root, and this machine allows no user namespace to run it in (" + said
                            + ")",
                    "run as an ordinary user, or allow user namespaces"
                            + " (`sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`)");
        }
        if (words.contains("permission denied")
                || words.contains("accessdenied")
                || words.contains("read-only file system")) {
            return noPermission(part, directoryOf(log), said, null);
        }
        if (words.contains("database files are incompatible") || words.contains("is not a valid data directory")) {
            return new StartFailure(
                    Kind.UNREADABLE_STATE,
                    part + " cannot read the state beside " + log + " (" + said + ")",
                    "start the version that wrote it, or choose another directory");
        }
        return new StartFailure(
                Kind.DIED,
                part + " ended while it was starting; " + said,
                Files.exists(log) ? "read " + log : "start it in a directory of its own, which keeps its whole log");
    }

    // Of a page of progress messages only the line that names the cause helps.
    private static String tellingLine(String lastWords) {
        return lastWords
                .lines()
                .filter(line -> DISK_FULL_WORDS.stream().anyMatch(line.toLowerCase(Locale.ROOT)::contains))
                .findFirst()
                .orElse(lastWords)
                .strip();
    }

    private static boolean hasNoRoom(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace() < LEAST_ROOM;
        } catch (IOException unknown) {
            return false;
        }
    }

    private static boolean saysDiskFull(String words) {
        return DISK_FULL_WORDS.stream().anyMatch(words::contains);
    }

    /** Names the cause behind a failed file operation of our own. */
    static StartFailure fromFiles(String part, Path path, IOException cause) {
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (saysDiskFull(words)) {
            return diskFull(part, path, String.valueOf(cause), cause);
        }
        if (cause instanceof AccessDeniedException
                || words.contains("permission denied")
                || words.contains("read-only")
                || words.contains("operation not permitted")) {
            return noPermission(part, path, String.valueOf(cause), cause);
        }
        return new StartFailure(
                Kind.NO_PERMISSION,
                part + " cannot use " + path + " (" + cause + ")",
                "make it a directory that this user may write to, or choose another",
                cause);
    }

    private static Path directoryOf(Path log) {
        Path directory = log.getParent();
        return directory == null ? log : directory;
    }

    private static StartFailure diskFull(String part, Path path, String said, @Nullable Throwable cause) {
        return new StartFailure(
                Kind.DISK_FULL,
                "no space is left on the disk where " + part + " keeps " + path + " (" + said + ")",
                "free some space there (`df -h` shows how much is left), or choose a directory on another disk",
                cause);
    }

    private static StartFailure noPermission(String part, Path path, String said, @Nullable Throwable cause) {
        return new StartFailure(
                Kind.NO_PERMISSION,
                part + " may not use " + path + " (" + said + ")",
                "give this user the right to read and write there, or choose another directory",
                cause);
    }
}
