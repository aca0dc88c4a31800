package dev.upkeep.bundle;

/** What no bundle goes beyond, whoever signed it. */
final class Limits {
    /** Bytes of the envelope: it is read into memory before anybody is trusted. */
    static final int STATEMENT = 4 << 20;

    static final int FILES = 10_000;

    /** Bytes of one file: what an octal size in a tar header can say. */
    static final long FILE = (8L << 30) - 1;

    static final long TOTAL = 128L << 30;

    /** Bytes of a document or of an image's manifest: these are read into memory. */
    static final int DOCUMENT = 4 << 20;

    static final long DOCUMENTS = 128L << 20;

    private Limits() {}
}
