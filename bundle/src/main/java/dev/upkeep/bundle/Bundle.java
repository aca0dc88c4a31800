package dev.upkeep.bundle;

import dev.upkeep.bundle.BundleRefused.Why;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bundle's file: looked at, checked, signed once more. */
public final class Bundle {
    private static final int BUFFER = 1 << 18;

    private Bundle() {}

    /**
     * What a bundle says of itself. Nothing of it is checked: whoever wrote the file may have written anything.
     *
     * @param keys the names of the keys that are said to have signed
     */
    public record Claims(Statement statement, List<String> keys) {
        public Claims {
            keys = List.copyOf(keys);
        }
    }

    /** Reads what a bundle says of itself, and believes none of it. */
    public static Claims inspect(Path file) throws IOException, BundleRefused {
        try (InputStream in = open(file)) {
            Envelope envelope = Envelope.read(Tape.statement(in));
            return new Claims(
                    Statement.read(envelope.payload()),
                    envelope.marks().stream().map(Envelope.Mark::key).toList());
        }
    }

    /**
     * Checks everything and touches nothing.
     *
     * @param now the time by which it must not have expired
     */
    public static Checked verify(Path file, Trust trust, Instant now) throws IOException, BundleRefused {
        return read(file, trust, now, entry -> OutputStream.nullOutputStream());
    }

    /** Where the files of a bundle go whose statement is trusted. */
    interface Sink {
        OutputStream open(Entry entry) throws IOException;
    }

    /** Reads a bundle once: first who signed it; only then, file by file, whether it is what they signed. */
    static Checked read(Path file, Trust trust, Instant now, Sink sink) throws IOException, BundleRefused {
        try (InputStream in = open(file)) {
            Envelope envelope = Envelope.read(Tape.statement(in));
            Statement statement = trust.judge(envelope, now);
            Map<String, byte[]> documents = new HashMap<>();
            for (Entry entry : statement.entries()) {
                Tape.expect(in, entry);
                try (OutputStream out = sink.open(entry)) {
                    if (entry.inMemory()) {
                        ByteArrayOutputStream kept = new ByteArrayOutputStream();
                        Tape.content(in, entry, kept);
                        documents.put(entry.name(), kept.toByteArray());
                        kept.writeTo(out);
                    } else {
                        Tape.content(in, entry, out);
                    }
                }
            }
            Tape.atEnd(in);
            return Checked.of(statement, envelope.fingerprint(), documents);
        }
    }

    /** Adds a signature to a bundle; the file is replaced when the new one is whole. Its statement, as it then is. */
    public static Claims sign(Path file, SigningKey key) throws IOException, BundleRefused {
        Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
        try (InputStream in = open(file)) {
            Envelope before = Envelope.read(Tape.statement(in));
            Statement statement = Statement.read(before.payload());
            Envelope envelope = before.signedBy(key);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(fresh), BUFFER)) {
                statement(out, envelope);
                // Who signs has looked at every byte that the signature will vouch for.
                for (Entry entry : statement.entries()) {
                    Tape.expect(in, entry);
                    out.write(Tape.header(entry.name(), entry.size()));
                    Tape.content(in, entry, out);
                    Tape.pad(out, entry.size());
                }
                Tape.atEnd(in);
                Tape.end(out);
            }
            Durably.sync(fresh);
            Durably.move(fresh, file);
            return new Claims(
                    statement, envelope.marks().stream().map(Envelope.Mark::key).toList());
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    static void statement(OutputStream out, Envelope envelope) throws IOException, BundleRefused {
        byte[] bytes = envelope.bytes();
        if (bytes.length > Limits.STATEMENT) {
            throw new BundleRefused(
                    Why.TOO_LARGE,
                    "the statement would have " + bytes.length + " bytes; at most are " + Limits.STATEMENT,
                    "release in smaller parts");
        }
        Tape.write(out, Tape.STATEMENT, bytes.length, new ByteArrayInputStream(bytes));
    }

    private static InputStream open(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), BUFFER);
    }
}
