package io.instanceworker.cli.diagnosis;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.JsonArray;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.Table;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code instancectl running}. */
@Command(name = "running", description = "shows the jobs that workers run now, and whether they receive further jobs")
public final class RunningCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private WorkerOptions workers = new WorkerOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    public RunningCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        List<ObjectNode> answers = new ArrayList<>();
        int exitCode = new WorkerClient(invocation, workers)
                .ask("GET", "jobs", (worker, answer) -> answers.add(answer.put("url", worker.toString())));
        if (output.json()) {
            JsonArray.print(invocation.out(), answers);
        } else {
            print(answers);
        }
        return exitCode;
    }

    private void print(List<ObjectNode> answers) {
        Table all = new Table("WORKER", "RECEIVES JOBS", "RUNNING");
        Table jobs = new Table("WORKER", "FOR", "OPERATION", "SERVER", "DATABASE", "STEP", "DONE", "ATTEMPT", "JOB");
        for (ObjectNode answer : answers) {
            String worker = text(answer, "worker");
            all.add(
                    worker,
                    answer.path("consuming").asBoolean() ? "yes" : "no",
                    String.valueOf(answer.path("jobs").size()));
            for (JsonNode job : answer.path("jobs")) {
                String progress = text(job, "progress");
                jobs.add(
                        worker,
                        age(text(job, "since")),
                        text(job, "operation"),
                        text(job, "server"),
                        text(job, "databaseName"),
                        text(job, "step"),
                        progress == null ? null : progress + " %",
                        text(job, "attempt"),
                        text(job, "jobId"));
            }
        }
        all.print(invocation.out());
        jobs.print(invocation.out());
    }

    private static @Nullable String text(JsonNode node, String property) {
        return node.path(property).asString(null);
    }

    /** In hours, minutes and seconds. */
    private static @Nullable String age(@Nullable String since) {
        try {
            Duration age = Duration.between(Instant.parse(String.valueOf(since)), Instant.now());
            return String.format(Locale.ROOT, "%d:%02d:%02d", age.toHours(), age.toMinutesPart(), age.toSecondsPart());
        } catch (DateTimeException e) {
            return since;
        }
    }
}
