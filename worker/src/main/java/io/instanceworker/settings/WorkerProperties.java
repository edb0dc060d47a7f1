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
 * @param name name of this worker in events
 * @param servers the database servers by the name that jobs use
 * @param defaultServer server for a job that names none; not needed if there is only one server
 * @param protectedDatabases names that no job may drop, copy over or create, with * for any characters; system, template,
 *     Admin and Security databases are always protected
 * @param databaseNamePattern regular expression that every database name in a job must match as a whole
 * @param deadline how long a job without its own deadline may take in total, including waits and retries
 * @param maxDeadline how long after a job was received its own deadline may be at most
 * @param retry when and how often a failed job is tried again
 * @param sweep the removal of databases that crashes left unfinished
 * @param remoteControl whether pause, resume and the list of running jobs are also available to other machines
 * @param shutdownGrace how long running jobs may continue after the worker was asked to stop
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
     * The delivery limit of the job queues. It is much higher than the worker's own limit, because the broker must dead-letter
     * a job only if the worker fails to do so.
     */
    public static final int BROKER_DELIVERY_LIMIT = 50;

    /** @throws IllegalArgumentException if there is no server with this name */
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
     * @param platform {@code postgresql}, or the platform of a plugin
     * @param url JDBC URL of the maintenance database ({@code postgres}, {@code master}), without user and password
     * @param username the login
     * @param password its password; better in a file, see the README
     * @param templates template name to the database (or backup file) on that server
     * @param defaultTemplate template for an Add that names none; without it such an Add is refused
     * @param maxConcurrentJobs how many jobs that change databases one worker may run on that server at once
     * @param maxConcurrentQueries how many Info and Status jobs one worker may run on that server at once
     * @param journalDatabase the worker's own database on that server; created if it is absent and the login may create it
     * @param connectionString pattern with {host}, {port} and {database} for the event's connectionString; without a password
     * @param allowUnmanagedDelete whether a Delete with {@code allowUnmanaged} may drop a database that has no ownership mark
     * @param properties further settings of a platform; {@code connect-timeout-seconds} on postgresql
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
     * When and how often a failed job is tried again.
     *
     * @param maxAttempts how many attempts a job has; waiting for a lock or for a server uses none
     * @param tiers the delays before the second, third, … attempt, each a queue of its own; the last one repeats
     * @param jitter the largest part by which a delay is shortened at random, from 0 to 0.9
     * @param maxDeliveries after how many crashes of its workers a job is dead-lettered
     */
    public record Retry(
            @DefaultValue("5") int maxAttempts,
            @DefaultValue({"5s", "30s", "2m", "10m"}) List<Duration> tiers,
            @DefaultValue("0.2") double jitter,
            @DefaultValue("5") int maxDeliveries) {}

    /**
     * The removal of databases that crashes left unfinished, at start and from time to time.
     *
     * @param enabled whether this worker removes them
     * @param interval how long after the end of a round the next round starts
     * @param olderThan how old an unfinished database must be to be removed
     * @param dryRun whether to only log what would be removed
     * @param journalRetention how long the journal keeps the rows of jobs that have ended
     */
    public record Sweep(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("1h") Duration interval,
            @DefaultValue("1h") Duration olderThan,
            @DefaultValue("false") boolean dryRun,
            @DefaultValue("30d") Duration journalRetention) {}
}
