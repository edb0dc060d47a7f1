package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.result.JobError;
import java.time.Duration;
import java.time.Instant;

/** The errors of jobs, with messages for people. */
final class JobErrors {

    private JobErrors() {}

    static JobError of(ProvisioningException e) {
        return new JobError(e.code(), String.valueOf(e.getMessage()), e.sqlState(), e.vendorCode());
    }

    static JobError noAttemptLeft(ErrorCode code) {
        return error(
                code,
                "The job's last attempt failed. Only later it could be checked that its work was not done. The worker's"
                        + " log of that attempt has more.");
    }

    static JobError tooLate(Instant deadline, String when) {
        return error(
                ErrorCode.DEADLINE_EXCEEDED,
                "The job's deadline, " + deadline + ", came " + when + (when.endsWith(".") ? "" : ".")
                        + " Send it again with a later one if it is still wanted.");
    }

    static JobError tooFar(Instant deadline, Duration max) {
        return error(
                ErrorCode.INVALID_REQUEST,
                "deadline: " + deadline + " is more than " + max
                        + " (the worker's setting max-deadline) after the job was"
                        + " received. Send the job again with an earlier one, or without one to have the default.");
    }

    static JobError crashes(int times) {
        return error(
                ErrorCode.INTERNAL_ERROR,
                "The job was given to a worker " + times + " times, and each time the worker crashed or lost the broker"
                        + " before the job had ended. It is in the dead queue; see the workers' logs before replaying it.");
    }

    private static JobError error(ErrorCode code, String message) {
        return new JobError(code, message, null, null);
    }
}
