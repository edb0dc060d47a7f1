package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.TopologyCheck;
import io.instanceworker.testing.VirtualHost;
import java.time.Duration;
import java.util.List;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** Declares what a worker with one server and the tests' wait tiers declares, without a worker. */
final class DeclaredTopology {

    private DeclaredTopology() {}

    static void in(VirtualHost host) {
        CachingConnectionFactory connections = new CachingConnectionFactory(host.connectionFactory());
        try (TopologyCheck declaring = new TopologyCheck(
                connections,
                Topology.declarables(List.of(Duration.ofMillis(200), Duration.ofSeconds(1)), List.of("default")),
                TopologyCheck.Mode.DECLARE)) {
            assertThat(declaring.check()).isEmpty();
        } finally {
            connections.destroy();
        }
    }
}
