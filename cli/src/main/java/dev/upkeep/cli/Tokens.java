package dev.upkeep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes tokens with the key of this machine's Upkeep. */
@Command(
        name = "token",
        description = "Makes a token for somebody, signed with the key that `./upkeep up` made here.",
        mixinStandardHelpOptions = true)
final class Tokens extends Verb {
    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "viewer, operator, approver or customer; may be given again.")
    List<String> roles = List.of();

    @Option(names = "--account", paramLabel = "ACCOUNT", description = "The account of a customer.")
    @Nullable
    String account;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who it stands for; it goes on record. Default: the user's name here.")
    String name = "";

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "PT1H",
            description = "How long it is good for, such as PT15M. Default: PT1H.")
    Duration lasts = Duration.ofHours(1);

    @Override
    ExitCode run() {
        Grant grant = grant();
        Instant now = TheClock.system().instant();
        String token = key().sign(grant, now);
        ObjectNode answer =
                new ObjectMapper().createObjectNode().put("token", token).put("name", grant.name());
        ArrayNode groups = answer.putArray("roles");
        grant.roles().forEach(groups::add);
        grant.account().ifPresent(of -> answer.put("account", of));
        answer.put("expires", now.plus(grant.lasts()).toString());
        print(answer, a -> out().println(text(a, "token")));
        return ExitCode.OK;
    }

    private Grant grant() {
        try {
            return new Grant(name, roles, Optional.ofNullable(account), lasts);
        } catch (IllegalArgumentException e) {
            throw new Trouble(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private LocalKey key() {
        Path state = connection.stateDirectory();
        try {
            return LocalKey.ifReadable(state)
                    .orElseThrow(() -> new Trouble(
                            ExitCode.REFUSED,
                            LocalKey.file(state)
                                    + " is not there, or not yours to read\n  → who started `./upkeep up` makes"
                                    + " tokens, with --state DIR for its directory; an installation with an identity"
                                    + " provider gets them there"));
        } catch (IOException e) {
            throw new Trouble(ExitCode.REFUSED, String.valueOf(e.getMessage()));
        }
    }
}
