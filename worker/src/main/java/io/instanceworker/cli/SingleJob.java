package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.json.StrictJson;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.messaging.client.BrokerException;
import io.instanceworker.messaging.client.JobClient;
import io.instanceworker.messaging.client.ReceivedEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sends a job and waits for its result. */
final class SingleJob {

    private final Invocation invocation;
    private final Job job;
    private final WaitOptions wait;
    private final boolean json;
    private final AtomicBoolean sent = new AtomicBoolean();

    SingleJob(Invocation invocation, Job job, WaitOptions wait, boolean json) {
        this.invocation = invocation;
        this.job = job;
        this.wait = wait;
        this.json = json;
    }

    /** @return the exit code */
    int send() {
        Duration timeout = wait.timeout();
        try (Broker broker = Broker.with(invocation.settings());
                JobClient client = new JobClient(
                        broker, InstanceCtl.NAME + " " + job.operation().lowerCaseName());
                InterruptionNotice notice = new InterruptionNotice(this::interrupted)) {
            if (invocation.isInteractive() && !wait.noWait) {
                listen(client);
            }
            client.send(job);
            sent.set(true);
            if (wait.noWait) {
                invocation
                        .out()
                        .println(
                                json
                                        ? StrictJson.writeAscii(
                                                StrictJson.newObject().put("jobId", job.jobId()))
                                        : "Sent " + job.jobId());
                return ExitCode.DONE;
            }
            if (invocation.isInteractive()) {
                invocation.err().println("Sent " + job.jobId());
            }
            return await(client, System.nanoTime() + timeout.toNanos(), timeout);
        }
    }

    /** Progress is shown to people only, and a user who may not receive events sees the result all the same. */
    private void listen(JobClient client) {
        String key = "status." + job.operation().lowerCaseName() + ".";
        try {
            client.listen(List.of(key + "inprogress", key + "failed"));
        } catch (BrokerException e) {
            invocation.err().println("No progress is shown. " + e.getMessage());
        }
    }

    private int await(JobClient client, long end, Duration timeout) {
        for (long left = timeout.toNanos(); left > 0; left = end - System.nanoTime()) {
            ReceivedEvent event = client.next(Duration.ofNanos(left));
            if (event == null || !event.jobId().equals(job.jobId())) {
                continue;
            }
            if (event.terminal()) {
                EventPrinter.result(event, json, invocation.out());
                return event.succeeded() ? ExitCode.DONE : ExitCode.NOT_DONE;
            }
            EventPrinter.progress(event, invocation.err());
        }
        invocation.err().println("There is no result yet. The job " + job.jobId() + " goes on at the worker.");
        return ExitCode.TIMEOUT;
    }

    private void interrupted() {
        invocation
                .err()
                .println(
                        sent.get()
                                ? "Interrupted. The job " + job.jobId() + " was sent and goes on at the worker."
                                : "Interrupted. It is not certain that the job " + job.jobId() + " was sent.");
    }
}
