package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.JobError;
import java.time.Duration;
import java.time.Instant;

/** Why a job ends that no engine has refused, in words for people. */
final class JobErrors {

    private JobErrors() {}

    static JobError noAttemptLeft(ErrorCode code) {
        return error(
                code,
                "The job's last attempt failed, and it could be seen only later that its work was not done. The worker's"
                        + " log of that attempt has more.");
    }

    static JobError tooLate(Instant deadline, String when) {
        return error(
                ErrorCode.DEADLINE_EXCEEDED,
                "The job's deadline, " + deadline + ", came " + when + ". Send it again with a later one if it is still"
                        + " wanted.");
    }

    static JobError tooFar(Instant deadline, Duration max) {
        return error(
                ErrorCode.INVALID_REQUEST,
                "deadline: " + deadline + " is more than " + max
                        + " (the worker's setting max-deadline) after the job was"
                        + " received. Send the job again with an earlier one, or without one to have the default.");
    }

    static JobError poison(int times) {
        return error(
                ErrorCode.INTERNAL_ERROR,
                "The job was given to a worker " + times
                        + " times, and none came to an end with it. It is kept in"
                        + " the dead queue; see the workers' logs before replaying it.");
    }

    private static JobError error(ErrorCode code, String message) {
        return new JobError(code, message, null, null);
    }
}
