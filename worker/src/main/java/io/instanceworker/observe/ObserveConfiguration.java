package io.instanceworker.observe;

import io.instanceworker.job.JobMonitor;
import io.instanceworker.job.JobsInHand;
import io.instanceworker.messaging.Consumers;
import io.instanceworker.provision.Servers;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ObserveConfiguration {

    @Bean
    JobMonitor jobMonitor(MeterRegistry registry, JobsInHand inHand, Servers servers) {
        JobMetrics.bindCircuits(servers, registry);
        return new JobMetrics(registry, inHand);
    }

    /** Its name in the readiness group. */
    @Bean("consuming")
    HealthIndicator consuming(Consumers consumers) {
        return new ConsumingHealth(consumers);
    }
}
