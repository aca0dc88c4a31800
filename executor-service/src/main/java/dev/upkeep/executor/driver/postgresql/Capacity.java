package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Refuses a change of a database whose volume has too little room; fails closed where the room can't be known. */
final class Capacity {
    private static final String SETTING = "data-directory";

    private Capacity() {}

    static Outcome check(StepRequested request, double freeShare, Work work) throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        try (Connection connection = database.open()) {
            Path volume = work.secrets()
                    .find(request.target(), SETTING)
                    .map(Path::of)
                    .or(() -> local(database, connection))
                    .orElseThrow(() -> new Refused(Outcome.Failed.forGood(
                            Failure.VOLUME_UNKNOWN,
                            "the volume of " + database.url() + " can't be seen from this executor",
                            "Set components." + request.target().component() + ".settings." + SETTING
                                    + " to a path on that volume that the executor can see")));
            long size = Long.parseLong(Server.text(connection, "SELECT pg_database_size(current_database())::text"));
            long free = Files.getFileStore(volume).getUsableSpace();
            long asked = (long) Math.ceil(size * freeShare);
            String figures = mebibytes(free) + " free, " + mebibytes(asked) + " asked for ("
                    + Math.round(freeShare * 100) + " % of the database's " + mebibytes(size) + ")";
            if (free < asked) {
                return Outcome.Failed.retryable(
                        Failure.NOT_ENOUGH_SPACE,
                        "the volume of the database at " + volume + " has " + figures,
                        "Make room on the volume, or make it larger");
            }
            return new Outcome.Done(
                    Map.of(
                            "capacity.free-bytes", Long.toString(free),
                            "capacity.asked-bytes", Long.toString(asked),
                            "capacity.database-bytes", Long.toString(size)),
                    "The volume has room: " + figures);
        } catch (IOException e) {
            return Outcome.Failed.forGood(
                    Failure.VOLUME_UNKNOWN,
                    "the free space can't be read: " + e,
                    "Set " + SETTING + " to a path on the database's volume that the executor can see");
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    /**
     * The server's data directory, if it is really that one which this machine has at that path: another machine's
     * server, or one in a container, may name a path that by chance is here too.
     */
    private static Optional<Path> local(Database database, Connection connection) {
        try {
            if (!isOfThisMachine(Server.host(database))) {
                return Optional.empty();
            }
            Path directory = Path.of(Server.text(connection, "SHOW data_directory"));
            byte[] control = Files.readAllBytes(directory.resolve("global/pg_control"));
            long identity =
                    ByteBuffer.wrap(control).order(ByteOrder.nativeOrder()).getLong();
            return Long.toUnsignedString(identity).equals(Server.identity(connection))
                    ? Optional.of(directory)
                    : Optional.empty();
        } catch (SQLException | IOException notToBeSeen) {
            return Optional.empty();
        }
    }

    private static boolean isOfThisMachine(String host) throws IOException {
        for (InetAddress address : Arrays.asList(InetAddress.getAllByName(host))) {
            if (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null) {
                return true;
            }
        }
        return false;
    }

    private static String mebibytes(long bytes) {
        return String.format(java.util.Locale.ROOT, "%,d MiB", (bytes + (1 << 20) - 1) >> 20);
    }
}
