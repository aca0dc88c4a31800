package dev.upkeep.planner.stream;

import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.StepEvent;
import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.StepSigner;
import dev.upkeep.messaging.Seal;
import dev.upkeep.planner.key.SigningKey;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Signs the steps that this planner asks for, so that executors carry out nobody else's.
 *
 * <p>Failure: a planner whose key can't be used does not start, for nobody would carry out what it asks for.
 */
@Startup
@ApplicationScoped
class StepSeal implements Seal {
    private static final Logger LOG = Logger.getLogger(StepSeal.class);

    private final StepSigner signer;

    StepSeal(@ConfigProperty(name = "upkeep.steps.key") Path file) throws IOException {
        SigningKey key = SigningKey.at(file);
        signer = new StepSigner(key.key(), key.publicKey());
        LOG.infof("steps are signed by key %s, whose public half is %s.pub", StepSigner.id(key.publicKey()), file);
    }

    @Override
    public boolean isFor(Event event) {
        return event instanceof StepEvent;
    }

    @Override
    public Map<String, String> headers(String topic, String key, Map<String, String> headers, byte[] body) {
        Map<String, String> signed = new LinkedHashMap<>(headers);
        signed.put(Parcel.SIGNATURE, signer.sign(Parcel.of(topic, key, headers, body)));
        return signed;
    }
}
