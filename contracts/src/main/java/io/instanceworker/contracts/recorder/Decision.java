package io.instanceworker.contracts.recorder;

/** What a recorder does with an event. Only {@link #APPLY} changes the recorded status. */
public enum Decision {
    /** Record the status of the event, and remember the event as the last one applied. */
    APPLY,
    /**
     * The event is a duplicate of the recorded event. Only its time is remembered, because a repeated attempt may have run
     * after another job.
     */
    REPEAT,
    /** A later event of the same job is already recorded. */
    LATE,
    /** The event is of another job, which is older or was rejected. It says nothing about the instance's status now. */
    OTHER_JOB,
    /**
     * The event has the jobId and the sequence of the recorded event, but another id: two different jobs were sent with one
     * jobId. The event is not applied. Report it to people.
     */
    CONTRADICTION,
    /** The event has no status. Its state and info may be recorded beside the status. */
    NO_STATUS;

    /** Whether the recorder must replace what it remembers with {@link Recorded#after}. */
    public boolean isRemembered() {
        return this == APPLY || this == REPEAT;
    }
}
