package io.instanceworker.job;

import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.retry.Delay;

/** What is to be done with the message of a job. */
public sealed interface Verdict {

    /** It has ended: tell the result, forget the message. */
    record Ended(JobResult result) implements Verdict {}

    /** It has ended, and a person may want to see or replay it: tell the result, keep the message in the dead queue. */
    record EndedAndKept(JobResult result, Ticket ticket) implements Verdict {}

    /** Tell that the attempt failed, and try again after the delay. */
    record TryAgain(JobResult.Failed result, Delay delay, Ticket ticket) implements Verdict {}

    /** It could not begin; nothing is told, and it comes back after the delay. */
    record Wait(Delay delay, Ticket ticket, String reason) implements Verdict {}
}
