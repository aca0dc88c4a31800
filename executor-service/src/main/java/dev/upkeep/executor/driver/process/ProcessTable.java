package dev.upkeep.executor.driver.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads which processes there are from {@code /proc}. */
final class ProcessTable {
    private static final Path PROC = Path.of("/proc");
    private static final Path BOOT = PROC.resolve("sys/kernel/random/boot_id");
    private static final Set<String> GONE = Set.of("Z", "X", "x");

    private ProcessTable() {}

    /**
     * One living process.
     *
     * @param birth boot and clock tick of its start: with the pid it is one process for ever
     * @param session the pid of the process that leads its session
     */
    record Entry(long pid, String birth, long session) {}

    /** The process with this pid, unless it has ended (also if nobody has reaped it yet). */
    static Optional<Entry> find(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            if (GONE.contains(afterName[0])) {
                return Optional.empty();
            }
            String boot = Files.readString(BOOT).strip();
            return Optional.of(new Entry(pid, boot + "/" + afterName[19], Long.parseLong(afterName[3])));
        } catch (IOException | RuntimeException ended) {
            return Optional.empty();
        }
    }

    /** The living processes of a session. */
    static List<Entry> session(long leader) {
        return all().stream().filter(entry -> entry.session() == leader).toList();
    }

    /** The living session leaders whose environment has this {@code NAME=value}. */
    static List<Entry> leadersWith(String variable) {
        return all().stream()
                .filter(entry -> entry.session() == entry.pid())
                .filter(entry -> environment(entry.pid()).contains(variable))
                .toList();
    }

    /** The living processes with this {@code NAME=value} that the leader of their session has left behind. */
    static List<Entry> orphansWith(String variable) {
        return all().stream()
                .filter(entry -> environment(entry.pid()).contains(variable))
                .filter(entry -> find(entry.session()).isEmpty())
                .toList();
    }

    /** A process' environment as it was when it began, empty if it can't be read. */
    static List<String> environment(long pid) {
        try {
            String all = new String(Files.readAllBytes(PROC.resolve(pid + "/environ")), StandardCharsets.UTF_8);
            return List.of(all.split("\0"));
        } catch (IOException ended) {
            return List.of();
        }
    }

    private static List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> pids = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path pid : pids) {
                find(Long.parseLong(pid.getFileName().toString())).ifPresent(entries::add);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("can't read /proc", e);
        }
        return entries;
    }
}
