package io.instanceworker.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code instance-worker.*}. The texts below are those of {@code docs/settings.md}, which is made of them.
 *
 * @param name the name of this worker in events, in the journal and at the broker; {@code $HOSTNAME} where there is one
 * @param servers the database servers by the name that jobs use: 1 to 100 letters, digits, {@code _}, {@code .} and {@code -}, because
 *     queues are named after them. All workers of one virtual host must have the same servers
 * @param defaultServer server of a job that names none; required where there are several and none is called {@code default}
 * @param protectedDatabases names that no job may make, copy over or drop, {@code *} for any characters. Always protected: the
 *     maintenance database, the journal's and the template databases, the engines' own, {@code EdFi_Admin}, {@code EdFi_Security},
 *     {@code EdFi_Admin_*}, {@code EdFi_Security_*}
 * @param databaseNamePattern regular expression that every database name in a job must match as a whole
 * @param deadline how long a job may take in all when it sets no deadline, waits and retries included
 * @param maxDeadline how far ahead the deadline of a job may be, from the time when it was received. A job with a farther one is
 *     rejected as {@code INVALID_REQUEST}
 * @param retry when and how often a failed job is tried again
 * @param sweep the removal of databases that crashes left unfinished
 * @param remoteControl the login with which the list of running jobs, pause and resume answer to other machines too; without it
 *     they answer only on the worker's own machine
 * @param shutdownGrace how long running jobs may go on after SIGTERM; what is not done by then is delivered to another worker. Set
 *     {@code terminationGracePeriodSeconds} higher
 * @param replyToPattern regular expression for the queues that a job's AMQP property {@code reply_to} may name, besides a direct
 *     reply-to and queues that the server named ({@code amq.gen-…}). To any other nothing is sent: a publisher must not write through
 *     the worker into queues that are closed to it
 * @param declareTopology whether the worker declares its exchanges, queues and bindings. If not, it only checks that exchanges and
 *     queues are there, and receives jobs as soon as they are
 * @param destructiveJobsFrom users of RabbitMQ whose Deletes, Adopts, and Copies that end the sessions on their source, are accepted; empty
 *     to accept those of every user
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
        @Nullable RemoteControl remoteControl,
        @DefaultValue("10m") Duration shutdownGrace,
        @DefaultValue("reply\\..*") String replyToPattern,
        @DefaultValue("true") boolean declareTopology,
        @DefaultValue List<String> destructiveJobsFrom) {

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
     * @param platform {@code postgresql}, {@code sqlserver}, or the id of a plugin, whose jar is in a folder that
     *     {@code -Dloader.path} names. Required
     * @param url JDBC URL of the maintenance database ({@code postgres}, {@code master}), never with user or password. Required
     * @param username the login. Required
     * @param password its password; better in a file
     * @param templates the database (or on SQL Server the backup) behind each template name
     * @param defaultTemplate template of an Add that names none; without it such an Add ends as {@code UNKNOWN_TEMPLATE}. An Add with
     *     {@code "template": ""} makes an empty database
     * @param maxConcurrentJobs how many jobs that change databases one worker runs on that server at once; at least 1
     * @param maxConcurrentQueries the same for Info and Status
     * @param journalDatabase the worker's own database on that server, for the journal and the locks; made when it is absent, if
     *     the login may. All workers must use the same one, because their locks are in it
     * @param connectionString pattern with {@code {host}}, {@code {port}}, {@code {database}} for {@code connectionString} in events. A
     *     password in it is refused
     * @param allowUnmanagedDelete whether a Delete with {@code allowUnmanaged} may drop a database that has no ownership mark
     * @param allowAdopt whether an Adopt may make a database that has no ownership mark that of an instance
     * @param delete {@code drop}: a Delete drops the database; {@code trash}: it puts it into the trash, from which a Restore takes
     *     it back. All workers of a server must have the same
     * @param trashRetention how long a deleted database stays in the trash before the sweep drops it
     * @param allowedDatabases names that jobs may make, copy and drop, {@code *} for any characters; empty to allow all that the other
     *     settings allow
     * @param allowCopyBetweenTenants whether a Copy may have an instance of another tenant as its source
     * @param properties further settings of a platform
     */
    // A server's settings are in the metadata under this name. The real name has the server's in place of "name".
    @ConfigurationProperties("instance-worker.servers.name")
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
            @DefaultValue("false") boolean allowAdopt,
            @DefaultValue("drop") DeleteMode delete,
            @DefaultValue("7d") Duration trashRetention,
            @DefaultValue List<String> allowedDatabases,
            @DefaultValue("false") boolean allowCopyBetweenTenants,
            @DefaultValue Map<String, String> properties) {

        /** Without the password. */
        @Override
        public String toString() {
            return "Server[" + platform + ", " + url + "]";
        }
    }

    /** What a Delete does with a database. */
    public enum DeleteMode {
        DROP,
        TRASH
    }

    /**
     * The login of other machines, by HTTP Basic authentication.
     *
     * @param username login with which the list of running jobs, pause and resume answer to other machines too; without a colon. By
     *     default they answer to the worker's own machine alone
     * @param password its password; better in a file
     */
    public record RemoteControl(
            @DefaultValue("") String username,
            @DefaultValue("") String password) {

        /** Without the password. */
        @Override
        public String toString() {
            return "RemoteControl[" + username + "]";
        }
    }

    /**
     * When and how often a failed job is tried again.
     *
     * @param maxAttempts attempts of a job; waiting for a lock or for a server uses none
     * @param tiers the delays before the second, third, … attempt; the last one repeats. Each is a queue
     *     {@code instance.jobs.wait.<tier>}. All workers of one broker must have the same
     * @param jitter the largest part of a delay that is taken away at random, from 0 to 0.9
     * @param maxDeliveries after how many crashes of its workers a job is dead-lettered. They are counted in the journal; for queries
     *     and engines without a journal the broker's count of deliveries is used
     */
    public record Retry(
            @DefaultValue("5") int maxAttempts,
            @DefaultValue({"5s", "30s", "2m", "10m"}) List<Duration> tiers,
            @DefaultValue("0.2") double jitter,
            @DefaultValue("5") int maxDeliveries) {}

    /**
     * The removal of databases that crashes left unfinished, at start and from time to time.
     *
     * @param enabled whether this worker removes unfinished databases that a crash left, and old rows of the journal
     * @param interval how long after the end of a round the next one starts; the first is at start
     * @param olderThan how long ago such a database must have been started
     * @param dryRun only log what would be removed; no row of the journal is removed either
     * @param journalRetention how long after its receipt a job that has ended keeps its row in the journal; not shorter than
     *     {@code max-deadline}
     */
    public record Sweep(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("1h") Duration interval,
            @DefaultValue("1h") Duration olderThan,
            @DefaultValue("false") boolean dryRun,
            @DefaultValue("30d") Duration journalRetention) {}
}
