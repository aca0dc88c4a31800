package dev.upkeep.gate;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request, received whole before the request passes: a slow sender thus holds up neither the tenant nor
 * the draining of the gate. A large one waits in a file.
 */
final class Upload implements AutoCloseable {
    private static final int IN_MEMORY = 64 * 1024;

    private final byte[] start;
    private final @Nullable Path spool;

    private Upload(byte[] start, @Nullable Path spool) {
        this.start = start;
        this.spool = spool;
    }

    static Upload receive(HttpExchange exchange, Path directory) throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] start = in.readNBytes(IN_MEMORY);
        if (start.length < IN_MEMORY) {
            return new Upload(start, null);
        }
        Path spool = Files.createTempFile(directory, "upload", null);
        try (OutputStream out = Files.newOutputStream(spool)) {
            out.write(start);
            in.transferTo(out);
        } catch (IOException e) {
            Files.deleteIfExists(spool);
            throw e;
        }
        return new Upload(new byte[0], spool);
    }

    BodyPublisher publisher() throws IOException {
        if (spool != null) {
            return BodyPublishers.ofFile(spool);
        }
        return start.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(start);
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            Files.deleteIfExists(spool);
        }
    }
}
