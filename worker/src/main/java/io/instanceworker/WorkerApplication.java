package io.instanceworker;

import io.instanceworker.cli.InstanceCtl;
import io.instanceworker.observe.LibraryLogFilter;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.support.GenericApplicationContext;

/** Starts Instance Worker, or its command line. */
@SpringBootApplication(exclude = ManagementContextAutoConfiguration.class)
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
