package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

class TopologyCheckIT {

    /** Spring throws exceptions of several kinds when another thread ends the connection. */
    @Test
    void theChecksGoOnAfterAnyException() throws InterruptedException {
        AtomicInteger checks = new AtomicInteger();
        CountDownLatch right = new CountDownLatch(1);
        try (VirtualHost host = Servers.rabbit().createVirtualHost("TopologyCheckIT")) {
            CachingConnectionFactory connections = new CachingConnectionFactory(host.connectionFactory());
            try (TopologyCheck check =
                    new TopologyCheck(connections, List.of(new Queue("declared")), TopologyCheck.Mode.DECLARE)) {
                check.start(() -> {
                    if (checks.incrementAndGet() == 1) {
                        throw new IllegalStateException("closed by another thread");
                    }
                    right.countDown();
                });
                assertThat(right.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(check.problems()).isEmpty();
                assertThat(host.ready("declared")).isZero();
            } finally {
                connections.destroy();
            }
        }
    }
}
