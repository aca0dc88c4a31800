package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people say about a tenant's upgrades: each goes on record under the name in the token. */
final class Statements {
    private Statements() {}

    static void putIfGiven(ObjectNode request, String key, @Nullable String value) {
        if (value != null) {
            request.put(key, value);
        }
    }

    /** One that has a note. */
    abstract static class Noted extends Verb {
        @Option(names = "--note", paramLabel = "TEXT", description = "Why; it is kept on record.")
        @Nullable
        String note;

        ExitCode say(String path, ObjectNode said) {
            putIfGiven(said, "note", note);
            JsonNode answer = connection.planner().post(path, said);
            print(answer, this::table);
            return ExitCode.OK;
        }

        void table(JsonNode answer) {
            JsonNode items = answer.has("items")
                    ? answer.path("items")
                    : new ObjectMapper().createArrayNode().add(answer);
            items.forEach(said -> out().println(text(said, "by") + " " + text(said, "says")));
        }
    }

    /** One about a tenant and a version. */
    abstract static class OfVersion extends Noted {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Option(
                names = "--version",
                required = true,
                paramLabel = "VERSION",
                description = "The release, such as 1.4.2.")
        @Nullable
        String version;

        ExitCode say(String what) {
            return say(
                    "/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/" + what,
                    new ObjectMapper().createObjectNode().put("version", Required.of(version)));
        }
    }

    @Command(
            name = "acknowledge",
            description = "That somebody has read what a release says.",
            mixinStandardHelpOptions = true,
            subcommands = {Acknowledge.Notes.class, Acknowledge.Guide.class})
    static final class Acknowledge {
        @Command(
                name = "notes",
                description = "Says that you have read the notes of a release that a tenant's upgrade crosses.",
                mixinStandardHelpOptions = true)
        static final class Notes extends OfVersion {
            @Override
            ExitCode run() {
                return acknowledge(this, "notes");
            }
        }

        @Command(
                name = "guide",
                description =
                        "Says that you have read the migration guide of a release that a tenant's upgrade crosses.",
                mixinStandardHelpOptions = true)
        static final class Guide extends OfVersion {
            @Override
            ExitCode run() {
                return acknowledge(this, "guide");
            }
        }

        private static ExitCode acknowledge(OfVersion verb, String what) {
            return verb.say(
                    "/v1/tenants/" + Documents.segment(Required.of(verb.tenant)) + "/acknowledgements",
                    new ObjectMapper()
                            .createObjectNode()
                            .put("version", Required.of(verb.version))
                            .put("what", what));
        }
    }

    @Command(
            name = "consent",
            description = "A customer's yes to a major, and its wish for a version.",
            mixinStandardHelpOptions = true,
            subcommands = {Consent.Give.class, Consent.Record.class, Consent.Request.class})
    static final class Consent {
        @Command(
                name = "give",
                description = "Agrees to a version or a line, for your account's tenants; for customers.",
                mixinStandardHelpOptions = true)
        static final class Give extends Noted {
            @Option(names = "--product", required = true, paramLabel = "PRODUCT", description = "The product's name.")
            @Nullable
            String product;

            @Option(
                    names = "--version",
                    required = true,
                    paramLabel = "VERSION",
                    description = "A version such as 2.0.0, or a line such as 2 or 2.1.")
            @Nullable
            String version;

            @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant. Default: all.")
            @Nullable
            String tenant;

            @Override
            ExitCode run() {
                ObjectNode consent = new ObjectMapper()
                        .createObjectNode()
                        .put("product", Required.of(product))
                        .put("version", Required.of(version));
                putIfGiven(consent, "tenant", tenant);
                return say("/v1/account/consents", consent);
            }
        }

        @Command(
                name = "record",
                description = "Puts a consent on record that the customer gave by other means.",
                mixinStandardHelpOptions = true)
        static final class Record extends OfVersion {
            @Override
            ExitCode run() {
                return say("consents");
            }
        }

        @Command(
                name = "request",
                description = "Asks for a version, where it is the customer who starts the upgrade.",
                mixinStandardHelpOptions = true)
        static final class Request extends OfVersion {
            @Override
            ExitCode run() {
                return say("requests");
            }
        }
    }

    @Command(
            name = "approve",
            description = "An approver's yes to what somebody else asked for.",
            mixinStandardHelpOptions = true,
            subcommands = {Approve.Ring.class, Approve.Request.class, Approve.Override.class})
    static final class Approve {
        @Command(
                name = "ring",
                description = "Lets a ring's tenants start; nobody who started the rollout may.",
                mixinStandardHelpOptions = true)
        static final class Ring extends Noted {
            @Parameters(index = "0", paramLabel = "ROLLOUT", description = "The rollout's id.")
            @Nullable
            String rollout;

            @Parameters(index = "1", paramLabel = "RING", description = "The ring's name.")
            @Nullable
            String ring;

            @java.lang.Override
            ExitCode run() {
                return say(
                        "/v1/rollouts/" + Documents.segment(Required.of(rollout)) + "/rings/"
                                + Documents.segment(Required.of(ring)) + "/approval",
                        new ObjectMapper().createObjectNode());
            }
        }

        @Command(
                name = "request",
                description = "Asks approvers to go against a customer's delay with a security release.",
                mixinStandardHelpOptions = true)
        static final class Request extends OfVersion {
            @java.lang.Override
            ExitCode run() {
                return say("override-requests");
            }
        }

        @Command(
                name = "override",
                description = "Approves to go against a customer's delay, which somebody else asked for.",
                mixinStandardHelpOptions = true)
        static final class Override extends OfVersion {
            @java.lang.Override
            ExitCode run() {
                return say("approvals");
            }
        }
    }

    @Command(
            name = "waive",
            description = "Rules that an approver may let go.",
            mixinStandardHelpOptions = true,
            subcommands = Waive.Contact.class)
    static final class Waive {
        @Command(
                name = "contact",
                description = "Lets an upgrade start although its customer's contact can't be reached.",
                mixinStandardHelpOptions = true)
        static final class Contact extends OfVersion {
            @Override
            ExitCode run() {
                return say(
                        "/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/waivers",
                        new ObjectMapper()
                                .createObjectNode()
                                .put("version", Required.of(version))
                                .put("rule", "contactIsReachable"));
            }
        }
    }
}
