package io.instanceworker.messaging.diagnosis;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.ShutdownSignalException;
import io.instanceworker.contracts.Finding;
import io.instanceworker.messaging.Topology;
import io.instanceworker.messaging.TopologyCheck;
import io.instanceworker.messaging.client.Broker;
import io.instanceworker.messaging.client.BrokerException;
import io.instanceworker.settings.WorkerProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/** Finds out what at RabbitMQ is not as the worker needs it. Declares nothing, and receives and publishes no message. */
public final class BrokerDiagnosis {

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int OLDEST_MAJOR = 3;
    private static final int OLDEST_MINOR_OF_MAJOR = 10;

    /** What a worker that declares nothing may configure, write and read; the same as in deploy/rabbitmq/user-definitions. */
    private static final String PERMISSIONS = "'^$' '^(amq\\.default|instance\\.events|instance\\.jobs\\.wait)$'"
            + " '^instance\\.jobs\\.(provision|query)(\\..+)?$'";

    /** The same for a worker that declares. docs/broker.md says why it needs each. */
    private static final String PERMISSIONS_TO_DECLARE =
            "'^instance\\.(events|status|jobs(\\.(unrouted|dead|(provision|query|wait)(\\..+)?))?)$'"
                    + " '^(amq\\.default|instance\\.(events|status|jobs(\\.(unrouted|(provision|query|wait)(\\..+)?))?))$'"
                    + " '^instance\\.(events|jobs(\\.(unrouted|(provision|query|wait)(\\..+)?))?)$'";

    private final List<Finding> found = new ArrayList<>();

    private BrokerDiagnosis() {}

    /**
     * @param properties null if they have mistakes, so that it is not known which queues there must be
     */
    public static List<Finding> of(Broker broker, @Nullable WorkerProperties properties) {
        BrokerDiagnosis diagnosis = new BrokerDiagnosis();
        broker.risk().ifPresent(risk -> diagnosis.found.add(Finding.warning("tls", risk, null)));
        try {
            Connection connection = broker.connect("instancectl doctor");
            diagnosis.checkVersion(connection);
            if (properties != null) {
                diagnosis.checkTopology(broker.connections(), properties);
                diagnosis.checkRights(connection, broker.connections(), properties);
            }
        } catch (BrokerException e) {
            diagnosis.found.add(unusable(String.valueOf(e.getMessage())));
        }
        return diagnosis.found;
    }

    private static Finding unusable(String message) {
        if (message.contains("ACCESS_REFUSED")) {
            return Finding.error(
                    "login",
                    message,
                    "spring.rabbitmq.username and spring.rabbitmq.password, or: rabbitmqctl change_password USER");
        }
        if (message.contains("NOT_ALLOWED")) {
            return Finding.error(
                    "login",
                    message,
                    "spring.rabbitmq.virtual-host, or: rabbitmqctl add_vhost VHOST, and rabbitmqctl set_permissions -p"
                            + " VHOST USER CONFIGURE WRITE READ");
        }
        return Finding.error(
                "login",
                message,
                "spring.rabbitmq.host and spring.rabbitmq.port, or start RabbitMQ and open the way to it");
    }

    private void checkVersion(Connection connection) {
        String version = String.valueOf(connection.getServerProperties().get("version"));
        found.add(
                isTooOld(version)
                        ? Finding.error(
                                "version", "RabbitMQ " + version + " is too old.", "upgrade it to 3.10 or later")
                        : Finding.ok("login", "Logged in: RabbitMQ " + version + "."));
        found.add(Finding.note(
                "consumer_timeout",
                "Clients cannot read it. RabbitMQ's default is 30 minutes: a longer job is given to a second worker, where it"
                        + " waits for the first. Set consumer_timeout in rabbitmq.conf above your longest job."));
    }

    /** A version that cannot be read counts as new enough. */
    static boolean isTooOld(String version) {
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            return false;
        }
        int major = Integer.parseInt(parts.group(1));
        return major < OLDEST_MAJOR
                || (major == OLDEST_MAJOR && Integer.parseInt(parts.group(2)) < OLDEST_MINOR_OF_MAJOR);
    }

    private void checkTopology(ConnectionFactory connections, WorkerProperties properties) {
        boolean declares = properties.declareTopology();
        List<String> problems;
        try (TopologyCheck check = new TopologyCheck(
                connections,
                Topology.declarables(
                        properties.retry().tiers(), properties.servers().keySet()),
                declares ? TopologyCheck.Mode.COMPARE : TopologyCheck.Mode.EXIST)) {
            problems = check.check();
        }
        for (String problem : problems) {
            if (problem.contains("ACCESS_REFUSED")) {
                found.add(Finding.error("rights", problem, permissions(connections, properties)));
            } else if (declares && problem.contains("NOT_FOUND")) {
                found.add(Finding.warning("topology", problem, "start a worker, which declares it"));
            } else {
                found.add(
                        Finding.error(
                                "topology",
                                problem,
                                declares
                                        ? null
                                        : "import deploy/rabbitmq/definitions.json, or set"
                                                + " instance-worker.declare-topology=true; the queues of several servers: docs/broker.md"));
            }
        }
        if (problems.isEmpty()) {
            found.add(Finding.ok(
                    "topology",
                    declares
                            ? "All exchanges and queues are there, with the right arguments."
                            : "All exchanges and queues are there. Their arguments cannot be checked with"
                                    + " declare-topology=false."));
        }
    }

    private static String permissions(ConnectionFactory connections, WorkerProperties properties) {
        return "rabbitmqctl set_permissions -p '" + connections.getVirtualHost() + "' '" + connections.getUsername()
                + "' "
                + (properties.declareTopology()
                        ? PERMISSIONS_TO_DECLARE + ", or, if the queues were imported, set"
                                + " instance-worker.declare-topology=false, which needs fewer rights"
                        : PERMISSIONS);
    }

    private void checkRights(Connection connection, ConnectionFactory connections, WorkerProperties properties) {
        List<String> refused = new ArrayList<>();
        for (String exchange : Topology.publishedTo()) {
            refusal(connection, channel -> publishNothing(channel, exchange)).ifPresent(refused::add);
        }
        for (String queue : Topology.consumedQueues(properties.servers().keySet())) {
            refusal(connection, channel -> consumeNothing(channel, queue)).ifPresent(refused::add);
        }
        refused.forEach(
                reason -> found.add(Finding.error("rights", reason + ".", permissions(connections, properties))));
        if (found.stream().anyMatch(finding -> finding.text().contains("NOT_FOUND"))) {
            found.add(Finding.note("rights", "They cannot be checked for exchanges and queues that are not there."));
        } else if (refused.isEmpty()) {
            found.add(Finding.ok("rights", "The user " + connections.getUsername() + " may publish and consume."));
        }
    }

    private interface Attempt {
        void on(Channel channel) throws IOException;
    }

    /** RabbitMQ checks the right first and refuses the message then, because its expiration is no number. */
    private static void publishNothing(Channel channel, String exchange) throws IOException {
        AMQP.BasicProperties invalid =
                new AMQP.BasicProperties.Builder().expiration("none").build();
        channel.basicPublish(exchange, "instancectl.doctor", invalid, new byte[0]);
        // Waits for an answer, unlike the publish.
        channel.basicQos(1);
    }

    /** RabbitMQ checks the right first and refuses the consumer then, because its priority is no number. */
    private static void consumeNothing(Channel channel, String queue) throws IOException {
        channel.basicConsume(queue, false, Map.of("x-priority", "none"), new DefaultConsumer(channel));
    }

    /** @return RabbitMQ's sentence, if it refuses the attempt for want of a right; empty also if the object is absent */
    private static Optional<String> refusal(Connection connection, Attempt attempt) {
        try {
            Channel channel = connection.createChannel();
            attempt.on(channel);
            channel.abort();
            return Optional.empty();
        } catch (IOException | ShutdownSignalException e) {
            Throwable signal = e instanceof IOException && e.getCause() != null ? e.getCause() : e;
            return signal instanceof ShutdownSignalException closed
                            && closed.getReason() instanceof AMQP.Channel.Close close
                            && close.getReplyCode() == AMQP.ACCESS_REFUSED
                    ? Optional.of(close.getReplyText())
                    : Optional.empty();
        }
    }
}
