package io.instanceworker.cli;

import io.instanceworker.cli.console.ExitCode;
import io.instanceworker.cli.console.Invocation;
import io.instanceworker.cli.console.OutputOptions;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import io.instanceworker.contracts.job.WhenSourceBusy;
import io.instanceworker.contracts.json.StrictJson;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** A command that sends one job. The command's name is that of the operation, in lower case. */
abstract class JobCommand implements Callable<Integer> {

    private final Operation operation;
    private final Invocation invocation;

    @Mixin
    private final HeaderOptions header = new HeaderOptions();

    @Mixin
    private final WaitOptions wait = new WaitOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    JobCommand(Operation operation, Invocation invocation) {
        this.operation = operation;
        this.invocation = invocation;
    }

    final boolean isFor(@Nullable String name) {
        return operation.jsonName().equalsIgnoreCase(name);
    }

    /** The job, as the options say it, in the JSON of the contract; without a jobId if none is given. */
    final ObjectNode message() {
        ObjectNode message = StrictJson.newObject();
        header.putInto(message);
        message.put("operation", operation.jsonName());
        putInto(message);
        return message;
    }

    /** Writes the properties that are particular to the operation. */
    abstract void putInto(ObjectNode message);

    /** Whether {@code --yes} is given, so that a person is not asked. */
    boolean isConfirmed() {
        return false;
    }

    /** What the job destroys, such as {@code deletes the database edfi}; null if nothing. */
    static @Nullable String danger(Job job) {
        if (job instanceof DeleteJob delete) {
            InstanceRef instance = delete.instance();
            return "deletes the database "
                    + (instance.databaseName() == null
                            ? "of the instance " + instance.name()
                            : instance.databaseName());
        }
        return job instanceof CopyJob copy && copy.whenSourceBusy() == WhenSourceBusy.DISCONNECT
                ? "disconnects all clients of the database " + copy.sourceDatabaseName()
                : null;
    }

    /**
     * Reads the message by the rules of the contract, as the worker does.
     *
     * @throws UsageException if it is not a job
     */
    static Job read(ObjectNode message) {
        ReadJob read = new JobReader().read(StrictJson.write(message));
        if (read instanceof ReadJob.Accepted accepted) {
            return accepted.job();
        }
        throw new UsageException(((ReadJob.Refused) read).message());
    }

    @Override
    public final Integer call() {
        ObjectNode message = message();
        if (message.get("jobId").isNull()) {
            message.put("jobId", HeaderOptions.newId(operation.lowerCaseName()));
        }
        Job job = read(message);
        String danger = danger(job);
        if (danger != null && !isConfirmed() && !invocation.confirms("This " + danger + ".")) {
            invocation.err().println("Nothing was sent.");
            return ExitCode.NOT_DONE;
        }
        return new SingleJob(invocation, job, wait, output.json()).send();
    }
}
