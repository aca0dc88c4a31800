package dev.upkeep.notifier.channel;

import dev.upkeep.notifier.core.ChannelName;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Every channel there is, by its name. */
@ApplicationScoped
public class Channels {
    private final Map<ChannelName, Channel> channels = new EnumMap<>(ChannelName.class);

    Channels(@All List<Channel> all) {
        all.forEach(channel -> channels.put(channel.name(), channel));
        for (ChannelName name : ChannelName.values()) {
            if (!channels.containsKey(name)) {
                throw new IllegalStateException("there is no adapter for channel " + name.word());
            }
        }
    }

    /** The adapter of a channel. */
    public Channel of(ChannelName name) {
        return Objects.requireNonNull(channels.get(name), "the constructor looked for each");
    }
}
