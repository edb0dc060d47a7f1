package io.instanceworker.observe;

import io.instanceworker.messaging.Consumers;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** A worker is ready while it takes jobs. An unreachable server does not count: it delays only its own jobs. */
final class ConsumingHealth implements HealthIndicator {

    private final Consumers consumers;

    ConsumingHealth(Consumers consumers) {
        this.consumers = consumers;
    }

    @Override
    public Health health() {
        if (consumers.state() != Consumers.State.CONSUMING) {
            return outOfService("paused by an operator");
        }
        return consumers
                .obstacle()
                .map(ConsumingHealth::outOfService)
                .orElseGet(() -> Health.up().build());
    }

    private static Health outOfService(String reason) {
        return Health.outOfService().withDetail("reason", reason).build();
    }
}
