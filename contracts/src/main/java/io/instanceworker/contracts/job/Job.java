package io.instanceworker.contracts.job;

import io.instanceworker.contracts.Operation;

/** One thing asked for, read and well-formed, but not yet looked up against the worker's configuration. */
public sealed interface Job permits InstanceJob, StatusPageJob {

    /** What every job has. */
    JobHeader header();

    Operation operation();

    default String jobId() {
        return header().jobId();
    }
}
