package io.instanceworker.messaging.client;

import com.rabbitmq.client.Connection;
import io.instanceworker.cli.console.UsageException;
import io.instanceworker.messaging.BrokerRisk;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.amqp.autoconfigure.RabbitProperties;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** Connects to RabbitMQ by the worker's settings. Starts no other part of the worker: declares, consumes and serves nothing. */
public final class Broker implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final CachingConnectionFactory connections;

    private Broker(ConfigurableApplicationContext context) {
        this.context = context;
        try {
            connections = context.getBean(CachingConnectionFactory.class);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** No more than a connection needs. To import them as any configuration is quicker than to have Spring Boot sort them. */
    @Import({SslAutoConfiguration.class, RabbitAutoConfiguration.class})
    static final class ByTheWorkersSettings {}

    /** @throws UsageException if the settings cannot be used */
    public static Broker with(List<String> settings) {
        // Nothing is logged to the console, because the console is for the answer.
        String[] all = Stream.concat(settings.stream(), Stream.of("--logging.threshold.console=off"))
                .toArray(String[]::new);
        try {
            return new Broker(new SpringApplicationBuilder(ByTheWorkersSettings.class)
                    .web(WebApplicationType.NONE)
                    // More than any RabbitMQ permits, so that every message in the dead queue can be read. The client's
                    // default is half of what RabbitMQ 3 permits.
                    .properties("spring.rabbitmq.max-inbound-message-body-size=513MB")
                    // Only the beans that are asked for are made, which takes a tenth off the start.
                    .lazyInitialization(true)
                    // After Ctrl-C the process ends at once; until then a command may still say what it has sent.
                    .registerShutdownHook(false)
                    .run(all));
        } catch (RuntimeException e) {
            throw new UsageException(mistake(e));
        }
    }

    /** The message does not have the value, because the value might be a misplaced password. */
    private static String mistake(Throwable e) {
        if (e instanceof BindException bind) {
            return "The setting " + bind.getName() + " cannot be read.";
        }
        return e.getCause() == null
                ? "The settings cannot be used: " + e.getClass().getSimpleName()
                : mistake(e.getCause());
    }

    /**
     * @param name of the connection in the management page
     * @throws BrokerException if RabbitMQ is unreachable or refuses the login
     */
    public Connection connect(String name) {
        connections.setConnectionNameStrategy(factory -> name);
        try {
            return Objects.requireNonNull(connections.createConnection().getDelegate());
        } catch (AmqpException e) {
            throw new BrokerException("RabbitMQ cannot be used at " + address(), e);
        }
    }

    /** The name of the user that the settings have. */
    public String username() {
        return connections.getUsername();
    }

    /** The worker's settings: arguments, environment, files. */
    public Environment environment() {
        return context.getEnvironment();
    }

    /** The connections to RabbitMQ that {@link #connect} has tried. */
    public ConnectionFactory connections() {
        return connections;
    }

    /** What is not safe about the connection, for people. */
    public Optional<String> risk() {
        return BrokerRisk.of(
                addresses(), context.getBean(RabbitProperties.class).getSsl());
    }

    private List<RabbitConnectionDetails.Address> addresses() {
        return context.getBean(RabbitConnectionDetails.class).getAddresses();
    }

    private String address() {
        return addresses().stream()
                .map(address -> address.host() + ":" + address.port())
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        context.close();
    }
}
