package io.instanceworker.contracts.result;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a job: its start, the end of an attempt, or the end of the job. */
public sealed interface JobResult {

    JobFacts facts();

    OutcomeKind outcome();

    /** The state of the database on its server; null if the job is not about a single database. */
    @Nullable StateReport state();

    // Only some results have these values. For the others the default is the value that their event has.

    default boolean changed() {
        return false;
    }

    default @Nullable InstanceInfo info() {
        return null;
    }

    default @Nullable StatusPage page() {
        return null;
    }

    default @Nullable String connectionString() {
        return null;
    }

    default List<String> warnings() {
        return List.of();
    }

    default @Nullable JobError error() {
        return null;
    }

    default @Nullable Instant nextAttemptAt() {
        return null;
    }

    default @Nullable Integer progress() {
        return null;
    }

    /**
     * The job is about to change the database, or goes on with it.
     *
     * @param progress how much is done, in percent from 0 to 100; null if it is not known, and always in the first event of an
     *     attempt
     */
    record InProgress(
            JobFacts facts,
            @Nullable StateReport state,
            @Nullable Integer progress) implements JobResult {

        /** Without progress. */
        public InProgress(JobFacts facts, @Nullable StateReport state) {
            this(facts, state, null);
        }

        /** The event of the same attempt when this much is done. */
        public InProgress at(int percent) {
            return new InProgress(facts.withProgress(percent), state, percent);
        }

        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.IN_PROGRESS;
        }
    }

    /**
     * The job succeeded.
     *
     * @param changed true if this job changed something; false if everything already was as the job asks for
     * @param info only for Info
     * @param page only for a Status without an instance
     * @param connectionString null if the server's settings have no pattern for it
     * @param warnings what people should know although the job succeeded
     */
    record Succeeded(
            JobFacts facts,
            boolean changed,
            @Nullable StateReport state,
            @Nullable InstanceInfo info,
            @Nullable StatusPage page,
            @Nullable String connectionString,
            List<String> warnings)
            implements JobResult {

        public Succeeded {
            warnings = List.copyOf(warnings);
        }

        /** Without warnings. */
        public Succeeded(
                JobFacts facts,
                boolean changed,
                @Nullable StateReport state,
                @Nullable InstanceInfo info,
                @Nullable StatusPage page,
                @Nullable String connectionString) {
            this(facts, changed, state, info, page, connectionString, List.of());
        }

        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.SUCCEEDED;
        }
    }

    /** This attempt failed. Another attempt follows. */
    record Failed(JobFacts facts, StateReport state, JobError error, Instant nextAttemptAt) implements JobResult {

        /** For a server that was not asked for the state. */
        public Failed(JobFacts facts, JobError error, Instant nextAttemptAt) {
            this(facts, StateReport.ofError(error), error, nextAttemptAt);
        }

        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.FAILED;
        }
    }

    /** The job failed. No attempt follows. */
    @SuppressWarnings("JavaLangClash") // The contract uses this name, and java.lang.Error is not used here.
    record Error(JobFacts facts, StateReport state, JobError error) implements JobResult {

        /** For a server that was not asked for the state. */
        public Error(JobFacts facts, JobError error) {
            this(facts, StateReport.ofError(error), error);
        }

        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.ERROR;
        }
    }

    /** The message is not a job. It is dead-lettered. */
    record Rejected(JobFacts facts, JobError error) implements JobResult {
        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.REJECTED;
        }

        @Override
        public StateReport state() {
            return StateReport.ofError(error);
        }
    }
}
