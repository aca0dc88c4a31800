package dev.upkeep.access.intake;

/** A token that is well signed and says what can't be: what is wrong, and what would be right. */
final class UnclearToken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String detail;
    private final String fix;

    UnclearToken(String detail, String fix) {
        super(detail, null, false, false);
        this.detail = detail;
        this.fix = fix;
    }

    String detail() {
        return detail;
    }

    String fix() {
        return fix;
    }
}
