package io.instanceworker;

import io.instanceworker.job.JobHandler;
import io.instanceworker.job.JobMonitor;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.provision.Servers;
import io.instanceworker.provision.ServersFactory;
import io.instanceworker.retry.Jitter;
import io.instanceworker.retry.RetryPolicy;
import io.instanceworker.settings.PasswordFiles;
import io.instanceworker.settings.SettingsException;
import io.instanceworker.settings.SettingsReader;
import io.instanceworker.settings.WorkerProperties;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;

@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {

    /**
     * Finds every mistake in the settings before anything else is started, so that an operator sees only the mistakes.
     *
     * @throws SettingsException if there are mistakes
     */
    static void readSettings(GenericApplicationContext context) {
        List<String> mistakes = new ArrayList<>();
        WorkerProperties properties = SettingsReader.read(context.getEnvironment(), mistakes);
        new ServersFactory(properties, ServersFactory.installedEngines(), mistakes).findMistakes();
        if (!mistakes.isEmpty()) {
            throw new SettingsException(mistakes);
        }
        context.registerBean(WorkerProperties.class, () -> properties);
    }

    @Bean
    Servers servers(WorkerProperties properties, Environment environment) {
        return new ServersFactory(properties, ServersFactory.installedEngines(), new ArrayList<>())
                .create(new PasswordFiles(environment)::password)
                .start();
    }

    @Bean
    RunningJobs runningJobs() {
        return new RunningJobs();
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    JobHandler jobHandler(Servers servers, WorkerProperties properties, JobMonitor monitor, Clock clock) {
        RetryPolicy retry = new RetryPolicy(
                properties.retry().maxAttempts(),
                properties.retry().tiers(),
                new Jitter(
                        properties.retry().jitter(),
                        () -> ThreadLocalRandom.current().nextDouble()));
        JobHandler.Policy policy = new JobHandler.Policy(
                properties.name(),
                retry,
                properties.deadline(),
                properties.maxDeadline(),
                properties.retry().maxDeliveries());
        return new JobHandler(servers, policy, monitor, clock);
    }
}
