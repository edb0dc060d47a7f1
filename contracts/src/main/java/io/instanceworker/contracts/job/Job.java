package io.instanceworker.contracts.job;

import io.instanceworker.contracts.Operation;

/** A job that was read from a message and is well-formed. Its names are not yet checked against the worker's configuration. */
public sealed interface Job permits InstanceJob, StatusPageJob {

    /** The properties that every job has. */
    JobHeader header();

    Operation operation();

    /** Whether the job may drop a database or end the sessions of others. */
    default boolean destructive() {
        return false;
    }

    default String jobId() {
        return header().jobId();
    }
}
