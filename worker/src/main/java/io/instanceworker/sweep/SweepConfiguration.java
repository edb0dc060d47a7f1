package io.instanceworker.sweep;

import io.instanceworker.provision.Servers;
import io.instanceworker.settings.WorkerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
public class SweepConfiguration {

    @Bean
    SweepSchedule sweep(Servers servers, WorkerProperties properties, SweepMonitor monitor) {
        return new SweepSchedule(new Sweep(servers, properties.sweep(), monitor), properties.sweep());
    }
}
