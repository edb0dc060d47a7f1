package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What came of reading a message: a job, or why it is none. */
public sealed interface ReadJob {

    /** A well-formed job. */
    record Accepted(Job job) implements ReadJob {}

    /**
     * No job, with whatever could be made out all the same, so that whoever asked can be told.
     *
     * @param code one of the rejections
     * @param message for a person: which property, what is wrong, what is expected
     * @param jobId null where no jobId can be made out
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
