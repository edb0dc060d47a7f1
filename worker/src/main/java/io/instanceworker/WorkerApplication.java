package io.instanceworker;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.control.ControlConfiguration;
import io.instanceworker.messaging.MessagingConfiguration;
import io.instanceworker.observe.LibraryLogFilter;
import io.instanceworker.observe.ObserveConfiguration;
import io.instanceworker.observe.TracingConfiguration;
import io.instanceworker.sweep.SweepConfiguration;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.amqp.autoconfigure.metrics.RabbitMetricsAutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.task.TaskExecutorMetricsAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.metrics.TomcatMetricsAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

/** Starts Instance Worker, or its command line. Looking for the configurations would take longer than naming them. */
@SpringBootConfiguration
@EnableAutoConfiguration(
        exclude = {
            ManagementContextAutoConfiguration.class,
            // Metrics that nobody needs, or whose names mislead: rabbitmq_connections is also the broker's own.
            RabbitMetricsAutoConfiguration.class,
            TaskExecutorMetricsAutoConfiguration.class,
            TomcatMetricsAutoConfiguration.class,
            WebMvcObservationAutoConfiguration.class
        })
@Import({
    WorkerConfiguration.class,
    MessagingConfiguration.class,
    ControlConfiguration.class,
    ObserveConfiguration.class,
    TracingConfiguration.class,
    SweepConfiguration.class
})
public class WorkerApplication {

    public static void main(String[] args) {
        // An argument that is not a setting is a command. A misspelt command must not start a second worker.
        if (args.length > 0 && !args[0].startsWith("--")) {
            System.exit(InstanceCtl.run(List.of(args)));
        }
        SpringApplication worker = new SpringApplication(WorkerApplication.class);
        worker.addInitializers((GenericApplicationContext context) -> {
            LibraryLogFilter.install();
            WorkerConfiguration.readSettings(context);
        });
        worker.run(args);
    }
}
