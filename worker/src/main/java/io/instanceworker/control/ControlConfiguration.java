package io.instanceworker.control;

import io.instanceworker.job.RunningJobs;
import io.instanceworker.messaging.Consumers;
import io.instanceworker.settings.WorkerProperties;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
public class ControlConfiguration {

    @Bean
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> peerValve() {
        return server -> server.addEngineValves(new PeerValve());
    }

    @Bean
    LocalRequestGuard localRequestGuard(WorkerProperties properties) {
        return new LocalRequestGuard(properties.remoteControl());
    }

    @Bean
    JobsEndpoint jobsEndpoint(
            WorkerProperties properties, RunningJobs inHand, Consumers consumers, LocalRequestGuard guard) {
        return new JobsEndpoint(properties.name(), inHand, consumers, guard);
    }

    @Bean
    ConsumptionEndpoint consumptionEndpoint(Consumers consumers, LocalRequestGuard guard) {
        return new ConsumptionEndpoint(consumers, guard);
    }
}
