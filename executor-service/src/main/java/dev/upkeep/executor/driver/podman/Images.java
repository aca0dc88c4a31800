package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings images to podman by the tags that definitions ask for, of the digests that their releases name. */
final class Images {
    private final Shop shop;
    private final Pods pods;

    Images(Shop shop, Pods pods) {
        this.shop = shop;
        this.pods = pods;
    }

    /** The image of a version, where the component has one: pods of third parties may have none. */
    static Optional<ImageName> of(StepRequested request, Version version) {
        Optional<Artifact> artifact =
                Optional.ofNullable(request.target().artifacts().get(version.toString()));
        return artifact.map(a -> ImageName.of(a)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_UNREACHABLE,
                        "artifact location " + a.location() + " is no image: "
                                + request.target().component() + " runs in a pod",
                        "Publish the release with oci://REGISTRY/REPOSITORY:TAG"))));
    }

    /**
     * Pulls what is not there yet, and has the tag mean it: that is what make's definitions ask for. A tag that means
     * something else in the registry is refused, and means here what it meant before.
     */
    Outcome fetch(StepRequested request, Site site, Version version, Work work) throws InterruptedException {
        ImageName pin = of(request, version)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_MISSING,
                        "the request names no artifact of " + request.target().component() + " for " + version,
                        "Publish the release with an artifact for this component")));
        sameTag(request, site, version, pin);
        if (isThere(site, pin, work)) {
            return done(pin, "was already there, digest checked");
        }
        // A tag that was moved since must not bar the way back.
        boolean byTag = !pin.tag().isEmpty() && !version.equals(request.from());
        if (pods.image(site, pin.reference(), work).isEmpty()) {
            List<String> login = login(site, pin, work);
            if (byTag) {
                byTag(site, pin, login, work);
            } else {
                pull(site, pin, pin.reference(), login, work);
            }
        }
        if (!pin.tag().isEmpty()) {
            act(site, List.of("tag", pin.reference(), tagged(pin)), work);
        }
        if (!isThere(site, pin, work)) {
            return Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    "podman was given " + pin.reference() + " and has no image of that digest under its tag",
                    "Look at the registry and at whatever stands before it");
        }
        return done(pin, "fetched, digest checked");
    }

    /** Whether it is there, and its tag means it. */
    boolean isThere(Site site, ImageName pin, Work work) throws InterruptedException {
        Optional<String> image = pods.image(site, pin.reference(), work);
        return image.isPresent()
                && (pin.tag().isEmpty() || pods.image(site, tagged(pin), work).equals(image));
    }

    static String tagged(ImageName pin) {
        return pin.repository() + ":" + pin.tag();
    }

    /** One variable stands for all images of the set: one of another tag would be asked for in vain (R86). */
    private static void sameTag(StepRequested request, Site site, Version version, ImageName pin) {
        Optional<String> variable = site.tagVariable();
        if (variable.isPresent() && !pin.tag().equals(site.tag(version))) {
            throw new Refused(Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    variable.get() + " will be " + site.tag(version) + " for the whole set, and the image of "
                            + request.target().component() + " has "
                            + (pin.tag().isEmpty() ? "no tag" : "the tag " + pin.tag()),
                    "Publish the release with its images under one tag, its version"));
        }
    }

    private void byTag(Site site, ImageName pin, List<String> login, Work work) throws InterruptedException {
        Optional<String> before = pods.image(site, tagged(pin), work);
        pull(site, pin, tagged(pin), login, work);
        List<String> found = pods.digests(site, tagged(pin), work);
        if (found.contains(pin.digest())) {
            return;
        }
        if (before.isPresent()) {
            act(site, List.of("tag", before.get(), tagged(pin)), work);
        } else if (!shop.podman(site, List.of("rmi", tagged(pin)), work).well()) {
            // A container runs it under another name.
            act(site, List.of("untag", tagged(pin), tagged(pin)), work);
        }
        throw new Refused(Failed.forGood(
                Failure.DIGEST_MISMATCH,
                tagged(pin) + " has digest " + found.getFirst() + ", the release says " + pin.digest(),
                "Find out who moved the tag, or which of the two is wrong; publish a new release if its digest was"));
    }

    /** Logs in, and gives the arguments that a pull needs to profit from it. A password is never an argument. */
    private List<String> login(Site site, ImageName pin, Work work) throws InterruptedException {
        Secrets secrets = work.secrets();
        Optional<String> password = site.setting("registry-password").map(secrets::resolve);
        if (password.isPresent()) {
            String user = site.setting("registry-user")
                    .map(secrets::resolve)
                    .orElseThrow(() -> new Refused(Failed.forGood(
                            Failure.SETTING_MISSING,
                            "component " + site.target().component() + " has registry-password and no registry-user",
                            "Set both, by reference")));
            // It goes with the attempt.
            String file = work.scratch().resolve("auth.json").toString();
            List<String> words = new ArrayList<>(
                    List.of("login", "--authfile=" + file, "--username=" + user, "--password-stdin", registry(pin)));
            Said said = shop.podman(site, words, password.get(), work);
            if (!said.well()) {
                throw new Refused(refusedLogin(
                        site, "podman login " + registry(pin), said.text().replace(password.get(), "***")));
            }
            return List.of("--authfile=" + file);
        }
        if (site.login().isPresent()) {
            Said said = shop.make(site, List.of(site.login().get()), work);
            if (!said.well()) {
                throw new Refused(refusedLogin(site, "make " + site.login().get(), said.text()));
            }
        }
        return List.of();
    }

    private static Failed refusedLogin(Site site, String what, String text) {
        Said said = new Said(1, text);
        boolean refused =
                said.contains("unauthorized") || said.contains("denied") || said.contains("invalid username/password");
        return refused || !unreached(said)
                ? Failed.forGood(
                        Failure.ARTIFACT_UNREACHABLE,
                        what + " was refused: " + said.tail(site),
                        "Correct the account that the registry is told")
                : Failed.retryable(
                        Failure.REGISTRY_DOWN, what + ": " + said.last(site), "See whether the registry answers");
    }

    private static boolean unreached(Said said) {
        return said.contains("connection refused")
                || said.contains("no such host")
                || said.contains("i/o timeout")
                || said.contains("pinging container registry");
    }

    private void pull(Site site, ImageName pin, String reference, List<String> login, Work work)
            throws InterruptedException {
        work.progress("pulling " + reference);
        List<String> arguments = new ArrayList<>(List.of("pull"));
        arguments.addAll(login);
        arguments.add(reference);
        Said said = shop.podman(site, arguments, work);
        if (!said.well()) {
            throw new Refused(refusal(site, pin, reference, said));
        }
    }

    private static Failed refusal(Site site, ImageName pin, String reference, Said said) {
        String why = reference + ": " + said.last(site);
        if (said.contains("unauthorized") || said.contains("denied") || said.contains("authentication required")) {
            return Failed.forGood(
                    Failure.ARTIFACT_UNREACHABLE,
                    why,
                    "Let the executor log in: registry-user and registry-password by reference, or the target in login");
        }
        if (said.contains("manifest unknown") || said.contains("not found") || said.contains("name unknown")) {
            return Failed.forGood(
                    Failure.ARTIFACT_UNREACHABLE, why, "Push the image with the tag and digest that the release names");
        }
        return Failed.retryable(
                Failure.REGISTRY_DOWN, why, "See whether " + registry(pin) + " answers, from where podman runs");
    }

    private void act(Site site, List<String> arguments, Work work) throws InterruptedException {
        Said said = shop.podman(site, arguments, work);
        if (!said.well()) {
            throw new Refused(Shop.down("podman " + arguments.getFirst() + ": " + said.last(site)));
        }
    }

    private static Done done(ImageName pin, String how) {
        return new Done(java.util.Map.of("artifact.digest", pin.digest()), pin.reference() + " " + how);
    }

    private static String registry(ImageName pin) {
        int slash = pin.repository().indexOf('/');
        String first = slash < 0 ? "" : pin.repository().substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io";
    }
}
