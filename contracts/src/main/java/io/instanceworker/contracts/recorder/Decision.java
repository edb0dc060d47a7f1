package io.instanceworker.contracts.recorder;

/** What a recorder does with an event. Only {@link #APPLY} changes the recorded status. */
public enum Decision {
    /** Record its status, and remember it as the last one. */
    APPLY,
    /**
     * It is the recorded event once more. Only its time is remembered: an attempt that had to be run again may have been
     * run after another job.
     */
    REPEAT,
    /** The same job has already told of something later. */
    LATE,
    /** It is of another job, which is older or was rejected, and does not speak for the instance. */
    OTHER_JOB,
    /**
     * The same place in the same job, but another event: two different jobs were sent under one jobId. Not applied; to be
     * reported to people.
     */
    CONTRADICTION,
    /** It has no status. The state and the info it brings may be noted beside the status. */
    NO_STATUS;

    /** Whether {@link Recorded#after} is to be remembered from now on. */
    public boolean isRemembered() {
        return this == APPLY || this == REPEAT;
    }
}
