package io.instanceworker.observe;

import io.instanceworker.job.JobMonitor;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.messaging.Consumers;
import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.sweep.SweepMonitor;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ObserveConfiguration {

    @Bean
    JobMonitor jobMonitor(MeterRegistry registry, RunningJobs inHand, Servers servers) {
        JobMetrics.bindCircuits(servers, registry);
        return new JobMetrics(registry, inHand);
    }

    @Bean
    StartReport startReport(WorkerProperties properties, Servers servers, RabbitConnectionDetails broker) {
        return new StartReport(properties, servers, broker);
    }

    @Bean
    SweepMonitor sweepMonitor(MeterRegistry registry) {
        return new SweepMetrics(registry);
    }

    /** The bean's name is the name in the readiness group. */
    @Bean("consuming")
    HealthIndicator consuming(Consumers consumers) {
        return new ConsumingHealth(consumers);
    }
}
