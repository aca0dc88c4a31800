package dev.upkeep.access.core;

import java.util.HashSet;
import java.util.Set;

/**
 * What a token's {@code groups} may say, as an endpoint's {@code @RolesAllowed} names it; docs/reference/roles.md lists
 * what each may do.
 */
public final class Roles {
    /** Reads everything that operators read. */
    public static final String VIEWER = "viewer";

    /** Changes what operators change, and reads. */
    public static final String OPERATOR = "operator";

    /** Approves what somebody else asked for, and reads. */
    public static final String APPROVER = "approver";

    /** Sees and changes what belongs to the one account that the token names, and nothing else. */
    public static final String CUSTOMER = "customer";

    private static final Set<String> STAFF = Set.of(VIEWER, OPERATOR, APPROVER);

    private Roles() {}

    /** The roles of ours among some groups, with the reading that changing and approving bring with them. */
    static Set<String> ofStaff(Set<String> groups) {
        Set<String> roles = new HashSet<>(groups);
        roles.retainAll(STAFF);
        if (!roles.isEmpty()) {
            roles.add(VIEWER);
        }
        return Set.copyOf(roles);
    }
}
