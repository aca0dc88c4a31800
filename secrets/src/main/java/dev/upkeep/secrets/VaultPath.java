package dev.upkeep.secrets;

import dev.upkeep.secrets.Unresolved.Why;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where {@code vault:MOUNT/PATH#FIELD} leads; which of the segments are the mount's only the vault knows. */
record VaultPath(List<String> segments, String field) {
    private static final Pattern FORM = Pattern.compile("vault:([^#]+)#([^#]+)");

    VaultPath {
        segments = List.copyOf(segments);
    }

    static VaultPath of(String reference) throws Unresolved {
        Matcher form = FORM.matcher(reference);
        if (form.matches()) {
            List<String> segments = Arrays.asList(form.group(1).split("/", -1));
            // A dot segment would lead out of what a policy was written for.
            boolean plain = segments.stream().noneMatch(one -> one.isEmpty() || one.equals(".") || one.equals(".."));
            if (plain && segments.size() > 1) {
                return new VaultPath(segments, form.group(2));
            }
        }
        throw new Unresolved(Why.UNREADABLE, reference + ": write it as vault:MOUNT/PATH#FIELD");
    }

    /** As a part of a URL. */
    String encoded() {
        return encoded(segments);
    }

    /** What is left of it below a mount, as a part of a URL; empty if it is not below it. */
    String below(String mount) {
        List<String> first = Arrays.asList(mount.split("/"));
        return segments.size() > first.size()
                        && segments.subList(0, first.size()).equals(first)
                ? encoded(segments.subList(first.size(), segments.size()))
                : "";
    }

    static String encoded(List<String> segments) {
        return segments.stream()
                .map(one -> URLEncoder.encode(one, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
