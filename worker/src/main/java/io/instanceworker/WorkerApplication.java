package io.instanceworker;

import io.instanceworker.messaging.deadletters.DeadLettersCommand;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Instance Worker, and its command for the dead queue. */
@SpringBootApplication
public class WorkerApplication {

    public static void main(String[] args) {
        // What is no setting is a command: misspelt, it must not start a second worker.
        if (args.length > 0 && !args[0].startsWith("--")) {
            System.exit(DeadLettersCommand.run(List.of(args)));
        }
        SpringApplication.run(WorkerApplication.class, args);
    }
}
