package io.instanceworker.contracts.result;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a job, so far or for good. */
public sealed interface JobResult {

    JobFacts facts();

    OutcomeKind outcome();

    /** What the server says of the database; null where it was not asked about one database. */
    @Nullable StateReport state();

    // What only some results have; the others answer as an event would that lacks it.

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

    /** Work on the database began. */
    record InProgress(JobFacts facts, @Nullable StateReport state) implements JobResult {
        @Override
        public OutcomeKind outcome() {
            return OutcomeKind.IN_PROGRESS;
        }
    }

    /**
     * Done.
     *
     * @param changed whether this job made the difference, or found everything as it asks for
     * @param info for Info
     * @param page for a Status of all
     * @param connectionString where the server's settings have a pattern for it
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

    /** This attempt failed, another follows. */
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

    /** It failed for good. */
    @SuppressWarnings("JavaLangClash") // The contract's word; nobody catches java.lang.Error here.
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

    /** The message is no job; it is kept in the dead queue. */
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
