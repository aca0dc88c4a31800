package dev.upkeep.executor.stream;

import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.Pem;
import dev.upkeep.contract.signature.StepCheck;
import dev.upkeep.messaging.Guard;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Lets in the steps that a trusted planner signed, and no others.
 *
 * <p>Failure: an executor that is told of no key, or of one that it can't read, does not start. There is no way to switch
 * this off.
 */
@Startup
@ApplicationScoped
class StepGuard implements Guard {
    private static final String SETTING = "upkeep.steps.trusted-keys";
    private static final Logger LOG = Logger.getLogger(StepGuard.class);

    private final StepCheck check;
    private final MeterRegistry meters;

    StepGuard(@ConfigProperty(name = SETTING) Optional<List<Path>> files, MeterRegistry meters) throws IOException {
        this.check = new StepCheck(keys(files.orElse(List.of())));
        this.meters = meters;
        for (StepCheck.Refusal refusal : StepCheck.Refusal.values()) {
            counted(refusal, 0);
        }
        LOG.infof("steps are taken from planners with the keys %s", check.trusted());
    }

    @Override
    public Optional<String> refusal(ConsumerRecord<String, byte[]> record) {
        Optional<StepCheck.Refusal> refusal = check.refusal(new Parcel(
                record.topic(),
                record.key(),
                StreamSupport.stream(record.headers().spliterator(), false)
                        .map(header -> new Parcel.Header(header.key(), header.value()))
                        .toList(),
                record.value()));
        refusal.ifPresent(why -> counted(why, 1));
        return refusal.map(why -> "refused, " + why.word() + ": " + why.text());
    }

    private void counted(StepCheck.Refusal refusal, int times) {
        meters.counter("upkeep_steps_refused", "reason", refusal.word()).increment(times);
    }

    static List<PublicKey> keys(List<Path> files) throws IOException {
        if (files.isEmpty()) {
            throw new IOException(
                    "no planner is trusted, so no step could be taken: name the file of the planner's public"
                            + " key, which lies beside its upkeep.steps.key as .pub, in " + SETTING);
        }
        List<PublicKey> keys = new ArrayList<>();
        for (Path file : files) {
            String text = read(file);
            if (Pem.read(Pem.PRIVATE_KEY, text).isPresent()) {
                throw new IOException(file + " holds a planner's private key: take it away from here, name " + file
                        + ".pub in " + SETTING + ", and give the planner a new key if others could read it");
            }
            try {
                keys.add(Pem.publicKey(text));
            } catch (GeneralSecurityException e) {
                throw new IOException(
                        file + " in " + SETTING + " is no public " + Pem.ALGORITHM + " key (" + e.getMessage()
                                + "): copy the planner's anew",
                        e);
            }
        }
        return keys;
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IOException(file + " in " + SETTING + " can't be read: " + e, e);
        }
    }
}
