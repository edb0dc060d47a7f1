package io.instanceworker.observe;

import io.instanceworker.job.JobMonitor;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.messaging.Consumers;
import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import io.instanceworker.sweep.SweepMonitor;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.amqp.autoconfigure.RabbitProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
public class ObserveConfiguration {

    @Bean
    JobMonitor jobMonitor(MeterRegistry registry, Servers servers) {
        return new JobMetrics(registry, servers.all());
    }

    @Bean
    MeterBinder serverMetrics(Servers servers, WorkerProperties properties, RunningJobs running, Clock clock) {
        return new ServerMetrics(servers, properties, running, clock);
    }

    @Bean
    MeterBinder workerMetrics(Consumers consumers, BuildProperties build) {
        return registry -> {
            Gauge.builder("instance.worker.consuming", () -> consumers.consuming() ? 1 : 0)
                    .description("1 while this worker receives jobs of all its queues, as its readiness says")
                    .register(registry);
            Gauge.builder("instance.worker.paused", () -> consumers.state() == Consumers.State.CONSUMING ? 0 : 1)
                    .description("1 while an operator has paused this worker")
                    .register(registry);
            Gauge.builder("instance.worker.build.info", () -> 1)
                    .description("1, with the version of this worker")
                    .tag("version", String.valueOf(build.getVersion()))
                    .register(registry);
        };
    }

    @Bean
    StartReport startReport(
            WorkerProperties properties, Servers servers, RabbitConnectionDetails broker, RabbitProperties rabbit) {
        return new StartReport(properties, servers, broker, rabbit.getSsl());
    }

    @Bean
    SweepMonitor sweepMonitor(MeterRegistry registry, Servers servers) {
        return new SweepMetrics(registry, servers.all());
    }

    /** The bean's name is the name in the readiness group. */
    @Bean("consuming")
    HealthIndicator consuming(Consumers consumers) {
        return new ConsumingHealth(consumers);
    }
}
