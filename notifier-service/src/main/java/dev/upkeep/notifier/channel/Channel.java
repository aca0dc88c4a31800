package dev.upkeep.notifier.channel;

import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.core.Outcome;
import java.time.Duration;
import java.util.List;

/**
 * A way for notices to leave.
 *
 * <p>Failure: whatever goes wrong is an outcome with a reason for a person; nothing is thrown but for an interruption,
 * and nothing lasts longer than {@link #PATIENCE}. A reason never shows a secret part of a destination.
 */
public interface Channel {
    /** The longest a try may take, altogether. */
    Duration PATIENCE = Duration.ofSeconds(30);

    /** Which one it is. */
    ChannelName name();

    /** What is wrong with a destination, each with what would be right; empty if it can be used. */
    List<Refusal> check(String to);

    /** Tries once; blocks, so call it on a virtual thread. A repetition with the same notice carries the same id. */
    Outcome deliver(Notice notice) throws InterruptedException;

    /** Why a destination can't be used, and what would be right. */
    record Refusal(String detail, String fix) {}
}
