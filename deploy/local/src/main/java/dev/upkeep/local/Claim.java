package dev.upkeep.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A launcher's sole claim to a state directory, until the launcher ends in any way.
 *
 * <p>Failure: a directory that somebody else's files lie in, another verb's state, or a launcher that still runs is
 * refused before anything there is touched. For the demo empties its directory, and a slip of the keyboard must not
 * cost anybody a home directory.
 */
final class Claim implements AutoCloseable {
    private static final String MARK = "owner";

    private final Path state;
    private final FileChannel channel;

    private Claim(Path state, FileChannel channel) {
        this.state = state;
        this.channel = channel;
    }

    /**
     * Claims a directory, which is made if it is not there.
     *
     * @param verb what is to run there: {@code up} or {@code demo}
     * @param own below which directory everything is Upkeep's own
     */
    static Claim on(Path state, String verb, Path own) {
        Path mark = state.resolve(MARK);
        try {
            Files.createDirectories(state);
            if (!Files.exists(mark) && !state.startsWith(own) && !isEmpty(state)) {
                throw new LocalFailure(
                        state + " holds files that are not Upkeep's, and stays as it is",
                        "name a new or an empty directory");
            }
            FileChannel channel = FileChannel.open(
                    mark, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                return claimed(state, verb, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new LocalFailure(
                    "can't use " + state + " as a state directory (" + e + ")",
                    "name a directory that this user may write to, on a disk with some space: ./upkeep " + verb
                            + " DIR",
                    e);
        }
    }

    /** The directory. */
    Path state() {
        return state;
    }

    /** Deletes everything else that is there. */
    void empty() {
        try (Stream<Path> below = Files.walk(state)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(state) && !path.equals(state.resolve(MARK))) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new LocalFailure("can't empty " + state + " (" + e + ")", "name another directory", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new LocalFailure("can't give " + state + " back (" + e + ")", "see whether its disk is well", e);
        }
    }

    private static Claim claimed(Path state, String verb, FileChannel channel) throws IOException {
        List<String> before = read(channel).lines().toList();
        String ranThere = before.isEmpty() ? verb : before.getFirst();
        if (!isLocked(channel)) {
            throw new LocalFailure(
                    "./upkeep " + ranThere + " runs in " + state + " already"
                            + (before.size() < 2 ? "" : ", as process " + before.get(1)),
                    "stop that one (Ctrl-C in its terminal"
                            + (before.size() < 2 ? "" : ", or kill " + before.get(1))
                            + "), or name another directory");
        }
        if (!ranThere.equals(verb)) {
            throw new LocalFailure(
                    state + " holds the state of ./upkeep " + ranThere + ", and stays as it is",
                    "name another directory, or delete that one if nobody needs it");
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap((verb + "\n" + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
        return new Claim(state, channel);
    }

    /** The operating system gives the lock back when the process ends. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ourselves) {
            return false;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(200);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }
}
