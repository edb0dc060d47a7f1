package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The result of reading a message: a job, or the reason why the message is not a job. */
public sealed interface ReadJob {

    /** A well-formed job. */
    record Accepted(Job job) implements ReadJob {}

    /**
     * The message is not a job. The other parts are those that could be read, so that a result can be published.
     *
     * @param code one of the rejections
     * @param message for people: which property, what is wrong, what is expected
     * @param jobId null if no jobId could be read or derived
     */
    record Refused(
            ErrorCode code,
            String message,
            @Nullable String jobId,
            @Nullable Operation operation,
            @Nullable String server,
            InstanceRef instance,
            @Nullable String requestedBy,
            @Nullable JsonNode context)
            implements ReadJob {}
}
