package io.instanceworker.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails.Address;
import org.springframework.boot.amqp.autoconfigure.RabbitProperties;

class BrokerRiskTest {

    private final RabbitProperties rabbit = new RabbitProperties();

    private Optional<String> risk(String... hosts) {
        return BrokerRisk.of(
                List.of(hosts).stream().map(host -> new Address(host, 5672)).toList(), rabbit.getSsl());
    }

    @Test
    void aBrokerOnAnotherMachineWithoutTlsIsARisk() {
        assertThat(risk("localhost", "127.0.0.1")).isEmpty();
        assertThat(risk("localhost", "rabbit.example.com"))
                .hasValueSatisfying(r -> assertThat(r).contains("has no TLS", "spring.rabbitmq.ssl.enabled"));
    }

    @Test
    void aBrokerOnAnotherMachineWithAnUnverifiedCertificateIsARisk() {
        rabbit.getSsl().setEnabled(true);
        assertThat(risk("rabbit.example.com")).isEmpty();
        rabbit.getSsl().setVerifyHostname(false);
        assertThat(risk("rabbit.example.com"))
                .hasValueSatisfying(r -> assertThat(r).contains("does not verify its certificate"));
        rabbit.getSsl().setVerifyHostname(true);
        rabbit.getSsl().setValidateServerCertificate(false);
        assertThat(risk("rabbit.example.com")).isPresent();
    }
}
