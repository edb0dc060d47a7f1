package io.instanceworker.contracts.job;

import io.instanceworker.contracts.Operation;

/** A job that was read from a message and is well-formed. Its names are not yet checked against the worker's configuration. */
public sealed interface Job permits InstanceJob, StatusPageJob {

    /** The properties that every job has. */
    JobHeader header();

    Operation operation();

    /** Whether the job may drop a database, end the sessions of others, or decide whose an existing database is. */
    default boolean destructive() {
        return false;
    }

    default String jobId() {
        return header().jobId();
    }
}
