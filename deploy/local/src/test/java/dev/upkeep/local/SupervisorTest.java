package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.embedded.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisorTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Mill mill = new Mill();
    private final Supervisor supervisor = new Supervisor(mill, told::add);

    @Test
    void startsAgainWhatEndedByItself() {
        supervisor.start();

        mill.stands.set(true);

        await().until(() -> mill.starts.get() == 1);
        assertThat(told).containsExactly("the mill ended by itself; it is started again");
        supervisor.stop();
    }

    @Test
    void leavesAloneWhatWasToldToStop() {
        supervisor.start();
        supervisor.stop();

        mill.stands.set(true);

        await().during(Duration.ofSeconds(1)).until(() -> mill.starts.get() == 0);
        assertThat(told).isEmpty();
    }

    @Test
    void saysOnceWhyItCannotBeStartedAndGoesOnTrying() throws IOException {
        // Given somebody who took the mill's port while it stood
        supervisor.start();
        try (ServerSocket somebody = new ServerSocket(0, 1, InetAddress.getByName(Port.HOST))) {
            mill.port = somebody.getLocalPort();
            mill.stands.set(true);

            await().until(() -> mill.tries.get() >= 2);
        }

        // Then it goes on as soon as they let go of it
        await().atMost(Duration.ofSeconds(20)).until(() -> mill.starts.get() == 1);
        assertThat(told).hasSize(2);
        assertThat(told.get(1)).contains("the mill can't be started, will try again: port " + mill.port, "ss -ltnp");
        supervisor.stop();
    }

    private static final class Mill implements Supervisor.Part {
        private final AtomicBoolean stands = new AtomicBoolean();
        private final AtomicInteger tries = new AtomicInteger();
        private final AtomicInteger starts = new AtomicInteger();
        private volatile int port;

        @Override
        public String name() {
            return "the mill";
        }

        @Override
        public boolean ended(Duration within) {
            await().pollInterval(Duration.ofMillis(10)).pollDelay(Duration.ZERO).until(() -> true);
            return stands.get();
        }

        @Override
        public void startAgain() {
            tries.incrementAndGet();
            if (port != 0) {
                Port.require(port, name());
            }
            stands.set(false);
            starts.incrementAndGet();
        }
    }
}
