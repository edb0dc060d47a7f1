package io.instanceworker.endtoend;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.ManagementApi.AckMode;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.QueuedMessage;
import io.instanceworker.testing.RabbitMqCluster;
import io.instanceworker.testing.RabbitMqServer;
import io.instanceworker.testing.Servers;
import io.instanceworker.testing.VirtualHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What one test class works with: a virtual host, a role that may do no more than create databases, and the workers that
 * it starts. All of it is gone after the class; what the workers said last is shown after a failure.
 */
final class EndToEnd implements BeforeAllCallback, AfterAllCallback, AfterTestExecutionCallback {

    static final String JOBS = "instance.jobs";
    static final String DEAD = "instance.jobs.dead";
    static final String PROVISION = "instance.jobs.provision";
    static final String QUERY = "instance.jobs.query";

    private static final List<String> LANES_AND_TIERS =
            List.of(PROVISION, QUERY, "instance.jobs.wait.200ms", "instance.jobs.wait.1s");

    private final int postgresMajor;
    private final List<AutoCloseable> ownServers = new ArrayList<>();
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final List<String> roles = new ArrayList<>();
    private final Set<String> secrets = new HashSet<>();

    private Supplier<PostgresServer> startPostgres;
    private Function<String, VirtualHost> startBroker = name -> Servers.rabbit().createVirtualHost(name);
    private String className = "";
    private String prefix = "";
    private PostgresServer postgres;
    private RabbitMqCluster cluster;
    private VirtualHost host;
    private Login login;
    private Databases databases;
    private Events events;

    private EndToEnd(int postgresMajor) {
        this.postgresMajor = postgresMajor;
        this.startPostgres = () -> Servers.postgres(postgresMajor);
    }

    static EndToEnd onPostgres(int major) {
        return new EndToEnd(major);
    }

    /** Of this class alone, because it stops it or needs settings that others could not bear. */
    EndToEnd ownPostgres(Map<String, String> settings) {
        startPostgres = () -> own(PostgresServer.startOwn(postgresMajor, settings));
        return this;
    }

    /** Of this class alone, for the same reasons. */
    EndToEnd ownBroker(Map<String, String> settings) {
        startBroker = name -> own(RabbitMqServer.startOwn(settings)).createVirtualHost(name);
        return this;
    }

    /** Of this class alone, with settings that name files of this machine. Its virtual host is the default one. */
    EndToEnd localBroker(Supplier<Map<String, String>> settings) {
        startBroker =
                name -> own(RabbitMqServer.startOnThisMachine(settings.get())).defaultVirtualHost();
        return this;
    }

    /** On three nodes, which {@link #cluster} hands out. */
    EndToEnd ownCluster() {
        startBroker = name -> {
            cluster = own(RabbitMqCluster.start(3));
            return cluster.createVirtualHost(name);
        };
        return this;
    }

    RabbitMqCluster cluster() {
        return cluster;
    }

    private <S extends AutoCloseable> S own(S server) {
        ownServers.add(server);
        return server;
    }

    /** One that is no test class's; whoever opens it closes it. */
    static EndToEnd open(int postgresMajor, String name) {
        EndToEnd opened = new EndToEnd(postgresMajor);
        opened.begin(name);
        return opened;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        begin(context.getRequiredTestClass().getSimpleName());
    }

    private void begin(String name) {
        className = name;
        prefix = "e2e_" + Integer.toHexString(ThreadLocalRandom.current().nextInt() | 0x1000_0000) + "_";
        postgres = startPostgres.get();
        host = startBroker.apply(className);
        secrets.add(postgres.superuser().password());
        secrets.add(host.server().password());
        login = createRole("worker");
        databases = new Databases(postgres, login);
    }

    PostgresServer postgres() {
        return postgres;
    }

    VirtualHost host() {
        return host;
    }

    /** The role of the server "default". */
    Login login() {
        return login;
    }

    Databases databases() {
        return databases;
    }

    Set<String> secrets() {
        return secrets;
    }

    /** What instance.status holds, from the first call on; a worker must have declared the queue. */
    Events events() {
        if (events == null) {
            events = new Events(host, secrets);
        }
        return events;
    }

    /** A database name of this class alone. */
    String database(String name) {
        return prefix + name;
    }

    Login createRole(String name) {
        Login role = postgres.createRole(prefix + name);
        roles.add(role.username());
        secrets.add(role.password());
        return role;
    }

    WorkerSettings settings() {
        return new WorkerSettings(host.springProperties()).server("default", postgres, login);
    }

    /** Starts one without waiting for it. */
    WorkerProcess start(WorkerSettings settings) {
        String name = className + "-" + (workers.size() + 1);
        WorkerProcess worker = settings.start(name.toLowerCase(Locale.ROOT), secrets);
        workers.add(worker);
        return worker;
    }

    /** Publishes as a person does at the management page, and as services that do no better. */
    void send(JobJson job) {
        publish(job.toString());
    }

    void publish(String body) {
        publish(body, "job.typed-by-hand", Map.of());
    }

    void publish(String body, String routingKey, Map<String, ?> properties) {
        host.server().management().publish(host.name(), JOBS, routingKey, body, properties);
    }

    void publish(byte[] body) {
        host.server().management().publish(host.name(), JOBS, "job.bytes", body, new HashMap<>());
    }

    /** Takes all messages out of a queue. */
    List<QueuedMessage> drain(String queue) {
        List<QueuedMessage> messages =
                host.server().management().get(host.name(), queue, 1000, AckMode.ACK_REQUEUE_FALSE);
        messages.forEach(message ->
                Secrets.requireNone(secrets, "a message of " + queue, message.text() + message.properties()));
        return messages;
    }

    /**
     * Messages by job queue and wait queue, of which those that a worker has are not counted.
     *
     * @param further queues of servers
     */
    Map<String, Long> depths(String... further) {
        try (Connection connection = host.connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            Map<String, Long> depths = new TreeMap<>();
            for (String queue :
                    Stream.concat(LANES_AND_TIERS.stream(), Stream.of(further)).toList()) {
                depths.put(queue, channel.messageCount(queue));
            }
            return depths;
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            workers.forEach(worker -> System.err.println(worker.tail()));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    void close() {
        List<AutoCloseable> all = new ArrayList<>(workers);
        if (events != null) {
            all.add(events);
        }
        if (databases != null) {
            all.add(this::dropDatabases);
        }
        if (host != null) {
            all.add(host);
        }
        all.addAll(ownServers);
        Throwable failure = null;
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception | AssertionError e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw new AssertionError("In the end: " + failure.getMessage(), failure);
        }
    }

    private void dropDatabases() {
        List<String> left = databases.staging();
        String owners = String.join(", ", roles.stream().map(Databases::literal).toList());
        String ours = "SELECT datname FROM pg_database WHERE datname LIKE " + Databases.literal(prefix + "%")
                + " OR pg_get_userbyid(datdba) IN (" + owners + ")";
        for (String name : databases.rows("postgres", ours)) {
            databases.asSuperuser("DROP DATABASE " + Databases.quote(name));
        }
        roles.forEach(role -> databases.asSuperuser("DROP ROLE " + Databases.quote(role)));
        if (!left.isEmpty()) {
            throw new AssertionError("Half-made databases were left behind: " + left);
        }
    }
}
