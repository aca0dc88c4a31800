package dev.upkeep.planner.core;

import java.util.Locale;

/** Who may say yes to what somebody asked for: four eyes, so never the one who asked. */
public final class Approvals {
    private Approvals() {}

    /**
     * Whether one may approve what the other requested.
     *
     * <p>Names are compared as a person reads them, without regard to case and to blanks around them: a provider that
     * writes the same person in two ways would otherwise make two of one.
     *
     * @param requester who asked for it, by the name on record
     * @param approver who says yes, by the name its token gives
     */
    public static boolean mayApprove(String requester, String approver) {
        String asked = read(requester);
        String says = read(approver);
        return !asked.isEmpty() && !says.isEmpty() && !asked.equals(says);
    }

    private static String read(String name) {
        return name.strip().toLowerCase(Locale.ROOT);
    }
}
