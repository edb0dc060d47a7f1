package io.instanceworker.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The jobs whose messages this worker has received and has not acknowledged. */
public final class RunningJobs {

    /**
     * A running job.
     *
     * @param server first as in the message, or null; later the configured name
     * @param instance first as in the message, later complete; null for a query of a whole server
     * @param step the current step: {@code receive}, {@code lock}, {@code create}, …, {@code publish}
     * @param progress the last published percentage of the work that is done; null if there is none
     * @param since when the worker received the job
     */
    public record RunningJob(
            String jobId,
            Operation operation,
            int attempt,
            @Nullable String server,
            @Nullable InstanceRef instance,
            String step,
            @Nullable Integer progress,
            Instant since) {

        private RunningJob at(String newStep) {
            return new RunningJob(jobId, operation, attempt, server, instance, newStep, null, since);
        }

        private RunningJob number(int newAttempt) {
            return new RunningJob(jobId, operation, newAttempt, server, instance, step, progress, since);
        }

        private RunningJob of(String newServer, @Nullable InstanceRef newInstance) {
            return new RunningJob(jobId, operation, attempt, newServer, newInstance, step, progress, since);
        }

        private RunningJob done(@Nullable Integer percent) {
            return new RunningJob(jobId, operation, attempt, server, instance, step, percent, since);
        }
    }

    private final Map<Long, RunningJob> jobs = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    /** Lists a job until the entry is closed. */
    public Entry add(Job job, Instant now) {
        long key = next.incrementAndGet();
        InstanceRef instance = job instanceof InstanceJob about ? about.instance() : null;
        jobs.put(
                key,
                new RunningJob(job.jobId(), job.operation(), 1, job.header().server(), instance, "receive", null, now));
        return new Entry(key);
    }

    public List<RunningJob> all() {
        return List.copyOf(jobs.values());
    }

    public int count() {
        return jobs.size();
    }

    /** A job's entry in the list. */
    public final class Entry implements AutoCloseable {
        private final long key;

        private Entry(long key) {
            this.key = key;
        }

        public void at(String step) {
            change(job -> job.at(step));
        }

        public void progress(@Nullable Integer percent) {
            change(job -> job.done(percent));
        }

        public void isAttempt(int attempt) {
            change(job -> job.number(attempt));
        }

        /** Sets the server and the instance that were found for the job. */
        public void isAbout(String server, @Nullable InstanceRef instance) {
            change(job -> job.of(server, instance));
        }

        private void change(UnaryOperator<RunningJob> change) {
            jobs.computeIfPresent(key, (k, job) -> change.apply(job));
        }

        @Override
        public void close() {
            jobs.remove(key);
        }
    }
}
