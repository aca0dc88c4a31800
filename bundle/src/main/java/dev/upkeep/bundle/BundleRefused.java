package dev.upkeep.bundle;

import java.util.Locale;

/** A bundle that is not taken, or a registry that is of no use: why by name, what exactly, and what would be right. */
public final class BundleRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Why why;
    private final String fix;

    BundleRefused(Why why, String what, String fix) {
        super(what);
        this.why = why;
        this.fix = fix;
    }

    BundleRefused(Why why, String what, String fix, Throwable cause) {
        super(what, cause);
        this.why = why;
        this.fix = fix;
    }

    /** The reason's name, by which it is documented. */
    public Why why() {
        return why;
    }

    /** What would be right. */
    public String fix() {
        return fix;
    }

    /** Every reason there is. */
    public enum Why {
        /** The file ends before its end, or goes on after it. */
        CUT_OFF,
        /** A part that is written otherwise than Upkeep writes it. */
        MALFORMED,
        /** A symbolic or hard link in the file. */
        LINK,
        /** A directory, a device, a pipe, or an extension of the format. */
        NO_FILE,
        /** A name that leads out of where it is unpacked, or that no bundle has. */
        UNSAFE_NAME,
        /** More bytes or files than a bundle may have. */
        TOO_LARGE,
        /** No signature is by a key that is trusted here. */
        UNKNOWN_KEY,
        /** Fewer trusted keys have signed than the site asks for. */
        TOO_FEW_SIGNATURES,
        /** A signature of a trusted key that is not over this statement. */
        BAD_SIGNATURE,
        /** One key that has signed twice. */
        REPEATED_SIGNATURE,
        /** A bundle of a product that the trust file is not for. */
        OTHER_PRODUCT,
        /** The statement's time is over: somebody may be holding back newer ones. */
        EXPIRED,
        /** A bundle with a lower sequence than one that was loaded. */
        OLDER,
        /** Another bundle with the sequence of one that was loaded. */
        TWO_OF_ONE_SEQUENCE,
        /** A file whose bytes are not those that were signed. */
        WRONG_DIGEST,
        /** A file that the statement does not name, or at a place where it names another. */
        NOT_SIGNED_FOR,
        /** What the statement or an image names is not there. */
        MISSING,
        /** Something that no artifact of the release needs. */
        NEEDLESS,
        /** The release contradicts its product, its number or itself. */
        CONTRADICTION,
        /** The registry has another image under the release's tag. */
        TAG_TAKEN,
        /** What was loaded before stands at the same place with other content. */
        IN_THE_WAY,
        /** The trust file can't be used. */
        NO_TRUST,
        /** The signing key can't be used. */
        NO_KEY,
        /** The artifact can't be fetched: it is not there, or is another one. */
        NOT_FETCHED,
        /** The registry refuses who asks. */
        FORBIDDEN,
        /** The registry does not answer, or fails. */
        REGISTRY_DOWN;

        /** The word for people and programs, such as {@code too-few-signatures}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
