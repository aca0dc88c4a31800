package dev.upkeep.embedded;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory a part keeps its state in, locked by the one owner that may run the part there.
 *
 * <p>Ordering: the lock is taken before anything in the directory is looked at, and given back after the part has ended.
 * Failure: the kernel releases a killed owner's lock, so whatever process is then found in the directory is left over.
 */
final class StateDirectory implements AutoCloseable {
    // POSIX drops a process's lock as soon as any of its handles on the file is closed: the same process must
    // therefore never open the lock file twice.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final String part;
    private final Path path;
    private final boolean temporary;
    private @Nullable FileChannel channel;

    private StateDirectory(String part, Path path, boolean temporary) {
        this.part = part;
        this.path = path;
        this.temporary = temporary;
    }

    /** Opens the given directory, which is made if it is not there; or a fresh temporary one. */
    static StateDirectory open(String part, @Nullable Path given) {
        Path wanted = given == null ? Path.of(System.getProperty("java.io.tmpdir")) : given;
        try {
            Path path;
            if (given == null) {
                path = Files.createTempDirectory("upkeep-" + part.toLowerCase(java.util.Locale.ROOT) + "-");
            } else {
                path = Files.createDirectories(given);
            }
            StateDirectory directory = new StateDirectory(part, path.toRealPath(), given == null);
            directory.lock();
            return directory;
        } catch (IOException e) {
            throw StartFailure.fromFiles(part, wanted, e);
        }
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    boolean isTemporary() {
        return temporary;
    }

    /** A fact that an earlier start remembered here. */
    Optional<String> fact(String key) {
        return Optional.ofNullable(facts().getProperty(key));
    }

    int number(String key) {
        try {
            return fact(key).map(Integer::parseInt).orElse(0);
        } catch (NumberFormatException edited) {
            return 0;
        }
    }

    /** Remembers a fact for later starts, durably: a database whose password is lost is lost. */
    void remember(String key, String value) {
        Properties facts = facts();
        if (value.equals(facts.getProperty(key))) {
            return;
        }
        facts.setProperty(key, value);
        Path file = resolve("facts.properties");
        Path fresh = resolve("facts.properties.new");
        try {
            StringWriter text = new StringWriter();
            facts.store(text, null);
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw StartFailure.fromFiles(part, file, e);
        }
    }

    @Override
    public void close() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw StartFailure.fromFiles(part, path, e);
        } finally {
            channel = null;
            HELD.remove(path);
        }
    }

    private void lock() throws IOException {
        if (!HELD.add(path)) {
            throw inUse("this process");
        }
        boolean locked = false;
        try {
            Path file = resolve("owner.lock");
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse("process " + Files.readString(file).strip());
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(
                    String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            locked = true;
        } catch (OverlappingFileLockException anotherClassLoader) {
            throw inUse("this process");
        } finally {
            if (!locked) {
                close();
                HELD.remove(path);
            }
        }
    }

    private StartFailure inUse(String owner) {
        return new StartFailure(
                StartFailure.Kind.IN_USE,
                part + " in " + path + " already runs for " + owner,
                "stop that one first, or choose another directory");
    }

    private Properties facts() {
        Properties facts = new Properties();
        Path file = resolve("facts.properties");
        if (!Files.exists(file)) {
            return facts;
        }
        try {
            facts.load(new StringReader(Files.readString(file)));
            return facts;
        } catch (IOException e) {
            throw StartFailure.fromFiles(part, file, e);
        }
    }
}
