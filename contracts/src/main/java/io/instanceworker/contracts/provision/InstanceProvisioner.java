package io.instanceworker.contracts.provision;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * One database server.
 *
 * <p>Called from many threads at once; one thread does one job at a time and uses the lock that it took. Every method may
 * block for as long as the server takes and may throw {@link ProvisioningException}; any other exception counts as a
 * defect of the engine and is told as {@code INTERNAL_ERROR}. A name arrives validated against the configured pattern, and
 * an engine must quote it all the same and must refuse one that does not fit.
 *
 * <p>The worker calls, for a job that changes something: {@link #tryLock}, {@link #instanceStatus} to see what is there,
 * then at most {@link #deleteInstance} and one of {@link #addInstance} and {@link #copyInstance}, then
 * {@link #verifyInstance}, and closes the lock. What is there decides what is done, and the worker decides it: an engine
 * never has to compare ownership marks.
 */
public interface InstanceProvisioner extends AutoCloseable {

    /** Which names are possible here. */
    DatabaseNameRules nameRules();

    /** Where clients reach the server, for the connection string that events may carry. */
    ServerAddress address();

    /**
     * Asks the server whether it answers. Called from time to time on a thread of the server's own, never for a job.
     *
     * @throws ProvisioningException {@code SERVER_UNAVAILABLE}, or {@code AUTHENTICATION_FAILED} if the login is refused; the
     *     server's jobs then wait until a later call succeeds
     */
    default void probe() {
        instanceStatus("instance_worker_probe");
    }

    /**
     * Where the worker keeps its journal on this server. An engine without one works too: the worker then relies on what it
     * observes and on the ownership marks alone.
     */
    default Optional<JournalStore> journal() {
        return Optional.empty();
    }

    /**
     * Takes locks on database names, existing or not, against every other worker, without waiting.
     *
     * @param steps hears of the steps that work under this lock passes
     * @return empty if another holds one of them in a way that excludes this; then none is held
     */
    Optional<InstanceLock> tryLock(LockRequest request, StepListener steps);

    /**
     * Makes a database, empty or from a template, which appears under its name only when it is complete and marked.
     *
     * @param atCommit to be run once, on the calling thread, as the last step before the database appears: where the engine
     *     has a journal, in the transaction that gives the database its name. If it throws, that transaction is rolled back,
     *     no database appears, and the exception is thrown on
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if a database of that name is there: it is left as it is
     */
    void addInstance(InstanceLock lock, AddInstance request, Runnable atCommit);

    /**
     * Makes a database as a copy of another, with its owner, grants, settings and connection limit, which appears under its
     * name only when it is complete and marked.
     *
     * @param atCommit as for {@link #addInstance}
     * @throws ProvisioningException with {@code INSTANCE_CONFLICT} if a database of that name is there: it is left as it is
     */
    void copyInstance(InstanceLock lock, CopyInstance request, Runnable atCommit);

    /** Drops a database, ending the sessions on it; an absent one is no error. Once started it is not cancelled. */
    void deleteInstance(InstanceLock lock, String databaseName);

    /**
     * Removes what an attempt to make the database left unfinished under names of the engine's own. Called under the
     * database's exclusive lock, so nobody works on it any more.
     */
    default void removeLeftovers(InstanceLock lock, String databaseName) {
        // An engine that leaves nothing has nothing to remove.
    }

    /**
     * Everything on the server that {@link #removeLeftovers} would remove under the right lock, of whichever job, as far as
     * it is certainly the engine's own. For the worker's sweep, which calls it from time to time beside the jobs.
     */
    default List<Leftover> leftovers() {
        return List.of();
    }

    /**
     * Removes one of them, if nobody works on it: the engine must take the lock under which it was begun, against every
     * other worker, without waiting. Once begun it is not cancelled.
     *
     * @return false if somebody works on it, or it is gone
     */
    default boolean removeLeftover(Leftover leftover) {
        return false;
    }

    /** Everything that can be told of one database; {@code NOT_FOUND} if it is absent. */
    InstanceStatus instanceInfo(String databaseName);

    /** The state of one database and its ownership mark; {@code NOT_FOUND} if it is absent. */
    InstanceStatus instanceStatus(String databaseName);

    /** As {@link #instanceStatus}, through a new connection that also proves that the database can be connected to, where the login may. */
    InstanceStatus verifyInstance(String databaseName);

    /** All databases but the engine's own and its staging ones, in no order, without sizes and connections. */
    List<InstanceStatus> instances();

    /** The named ones with sizes and connections; one that is no longer there is left out. */
    List<InstanceStatus> measure(Collection<String> databaseNames);

    /**
     * What the worker logs of the server once after its start, beside the jobs. Empty where the engine does not say.
     *
     * @param templateDatabases those of the settings
     */
    default Optional<ServerDescription> describe(Collection<String> templateDatabases) {
        return Optional.empty();
    }

    /** Releases the connections; called once, when no job is running. */
    @Override
    void close();
}
