package io.instanceworker.messaging;

import io.instanceworker.contracts.provision.ServerAddress;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.amqp.autoconfigure.RabbitProperties;

/** What is not safe about the settings of the connection to RabbitMQ. */
public final class BrokerRisk {

    private BrokerRisk() {}

    /** What it is and what to set instead, for people; empty if the connection is safe. */
    public static Optional<String> of(List<RabbitConnectionDetails.Address> addresses, RabbitProperties.Ssl ssl) {
        boolean verified = ssl.determineEnabled() && ssl.isValidateServerCertificate() && ssl.isVerifyHostname();
        if (verified
                || addresses.stream()
                        .allMatch(address -> new ServerAddress(address.host(), address.port()).isLoopback())) {
            return Optional.empty();
        }
        return Optional.of("RabbitMQ is on another machine, and "
                + (ssl.determineEnabled()
                        ? "the worker does not verify its certificate: set spring.rabbitmq.ssl.validate-server-certificate"
                                + " and verify-hostname to true"
                        : "the connection has no TLS, so that others could read the password: set"
                                + " spring.rabbitmq.ssl.enabled to true")
                + "; see TLS in docs/broker.md.");
    }
}
