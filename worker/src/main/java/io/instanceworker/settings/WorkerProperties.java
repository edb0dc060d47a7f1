package io.instanceworker.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code instance-worker.*}.
 *
 * @param name what events call this worker
 * @param servers the database servers by the name that jobs use
 * @param defaultServer server for a job that names none; not needed where there is only one server
 * @param protectedDatabases names that no job may drop, copy over or create, with * for any characters; system, template,
 *     Admin and Security databases are always protected
 * @param databaseNamePattern regular expression that every database name in a job must match as a whole
 * @param deadline how long a job may take in all, waiting and retries included, when it sets no deadline itself
 * @param maxDeadline how long after it was received the deadline of a job may be at most
 * @param retry how a failed attempt is repeated
 * @param sweep what becomes of what crashes left
 * @param remoteControl whether pause, resume and the list of running jobs answer to other machines too
 * @param shutdownGrace how long running jobs may go on after the worker was asked to stop
 * @param replyToPattern regular expression for the queues that a job's reply_to may name, besides a direct reply-to and queues
 *     that the server named
 * @param declareTopology whether the worker declares its exchanges and queues at start
 */
@ConfigurationProperties("instance-worker")
public record WorkerProperties(
        @DefaultValue("instance-worker") String name,
        @DefaultValue Map<String, Server> servers,
        @Nullable String defaultServer,
        @DefaultValue List<String> protectedDatabases,
        @DefaultValue("^[A-Za-z_][A-Za-z0-9_-]*$") String databaseNamePattern,
        @DefaultValue("24h") Duration deadline,
        @DefaultValue("30d") Duration maxDeadline,
        @DefaultValue Retry retry,
        @DefaultValue Sweep sweep,
        @DefaultValue("false") boolean remoteControl,
        @DefaultValue("10m") Duration shutdownGrace,
        @DefaultValue("reply\\..*") String replyToPattern,
        @DefaultValue("true") boolean declareTopology) {

    /**
     * The delivery limit of the job queues: far more than a worker lets a job come back, since the broker's guard is for the
     * case that the worker's own fails.
     */
    public static final int BROKER_DELIVERY_LIMIT = 50;

    /** @throws IllegalArgumentException if there is none of that name */
    public Server server(String name) {
        Server server = servers.get(name);
        if (server == null) {
            throw new IllegalArgumentException("No server " + name);
        }
        return server;
    }

    /**
     * A database server.
     *
     * @param platform {@code postgresql}, or a plugin's id
     * @param url JDBC URL of the maintenance database ({@code postgres}, {@code master}), without user and password
     * @param username the login
     * @param password its password; better in a file, see the README
     * @param templates template name to the database (or backup file) on that server
     * @param defaultTemplate template for an Add that names none; without it such an Add is refused
     * @param maxConcurrentJobs how many jobs that change databases one worker may run on that server at once
     * @param maxConcurrentQueries how many Info and Status jobs one worker may run on that server at once
     * @param journalDatabase the worker's own database on that server; made when it is absent, if the login may
     * @param connectionString pattern with {host}, {port} and {database} for the event's connectionString; never put a password there
     * @param allowUnmanagedDelete whether a Delete that says {@code allowUnmanaged} may drop a database that carries no ownership mark
     * @param properties what a platform needs beyond these; {@code connect-timeout-seconds} on postgresql
     */
    public record Server(
            @Nullable String platform,
            @Nullable String url,
            @Nullable String username,
            @Nullable String password,
            @DefaultValue Map<String, String> templates,
            @Nullable String defaultTemplate,
            @DefaultValue("2") int maxConcurrentJobs,
            @DefaultValue("2") int maxConcurrentQueries,
            @DefaultValue("instance_worker") String journalDatabase,
            @Nullable String connectionString,
            @DefaultValue("false") boolean allowUnmanagedDelete,
            @DefaultValue Map<String, String> properties) {

        /** Without the password. */
        @Override
        public String toString() {
            return "Server[" + platform + ", " + url + "]";
        }
    }

    /**
     * How a failed attempt is repeated.
     *
     * @param maxAttempts how many attempts a job has; waiting for a lock or for a server uses none
     * @param tiers the delays before the second, third, … attempt, each a queue of its own; the last one repeats
     * @param jitter the largest part of a delay that is taken away at random, from 0 to 0.9
     * @param maxDeliveries how often a job may come back from workers that ended while they had it, before it is given up
     */
    public record Retry(
            @DefaultValue("5") int maxAttempts,
            @DefaultValue({"5s", "30s", "2m", "10m"}) List<Duration> tiers,
            @DefaultValue("0.2") double jitter,
            @DefaultValue("5") int maxDeliveries) {}

    /**
     * The removal of half-made databases that a crash left, at start and from time to time.
     *
     * @param enabled whether this worker does it
     * @param interval how long after the end of a round the next one begins
     * @param olderThan how long ago a database must have been started
     * @param dryRun whether it only says what it would remove
     * @param journalRetention how long the journal keeps the rows of jobs that have ended
     */
    public record Sweep(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("1h") Duration interval,
            @DefaultValue("1h") Duration olderThan,
            @DefaultValue("false") boolean dryRun,
            @DefaultValue("30d") Duration journalRetention) {}
}
