package io.instanceworker.testing;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.Optional;

/** A broker that somebody else runs. Its user must be an administrator: the tests make virtual hosts. */
final class GivenRabbitMq extends RabbitMqServer {

    private static final String URI_VARIABLE = "INSTANCE_WORKER_TEST_RABBITMQ_URI";
    private static final String MANAGEMENT_VARIABLE = "INSTANCE_WORKER_TEST_RABBITMQ_MANAGEMENT";

    private GivenRabbitMq(ConnectionFactory given, URI managementUrl) {
        super(given.getHost(), given.getPort(), managementUrl, new Login(given.getUsername(), given.getPassword()));
    }

    static Optional<GivenRabbitMq> fromEnvironment() {
        String uri = System.getenv(URI_VARIABLE);
        if (uri == null) {
            return Optional.empty();
        }
        String management = System.getenv(MANAGEMENT_VARIABLE);
        if (management == null) {
            throw new IllegalStateException(URI_VARIABLE + " is set and " + MANAGEMENT_VARIABLE + " is not");
        }
        return Optional.of(of(uri, management));
    }

    static GivenRabbitMq of(String uri, String managementUrl) {
        if (!uri.startsWith("amqp://")) {
            throw new IllegalArgumentException("Not the form amqp://user:password@host:port");
        }
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(uri);
        } catch (URISyntaxException | GeneralSecurityException e) {
            throw new IllegalArgumentException(e);
        }
        GivenRabbitMq server = new GivenRabbitMq(factory, URI.create(managementUrl));
        server.version();
        return server;
    }

    @Override
    public boolean canBeStopped() {
        return false;
    }

    @Override
    boolean isRunning() {
        return true;
    }

    @Override
    public void control(String... arguments) {
        throw notOurs();
    }

    @Override
    public String log() {
        throw notOurs();
    }

    @Override
    public void stop() {
        throw notOurs();
    }

    @Override
    public void kill() {
        throw notOurs();
    }

    @Override
    public void startAgain() {
        throw notOurs();
    }

    private static IllegalStateException notOurs() {
        return new IllegalStateException("This broker was given by environment; a test that stops one uses startOwn()");
    }

    @Override
    public void close() {
        // It goes on for whoever runs it.
    }

    @Override
    public String toString() {
        return version() + " given by environment, " + host() + ":" + port();
    }
}
