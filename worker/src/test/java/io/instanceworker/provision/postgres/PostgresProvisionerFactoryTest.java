package io.instanceworker.provision.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresProvisionerFactoryTest {

    private static final PostgresProvisionerFactory FACTORY = new PostgresProvisionerFactory();

    private static ServerDefinition server(String url) {
        return new ServerDefinition(
                "ods", "postgresql", url, "worker", null, "instance_worker", new Concurrency(1, 1), Map.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "jdbc:postgresql://db.example.com/postgres prefer",
                "jdbc:postgresql://db.example.com:5432/postgres?sslmode=require require",
                "jdbc:postgresql://db.example.com/postgres?ApplicationName=x&sslmode=verify-ca verify-ca",
                "jdbc:postgresql://10.0.0.1/postgres?sslmode=disable disable",
                "jdbc:postgresql://localhost,db.example.com/postgres prefer",
                "jdbc:postgresql://127.example.com/postgres prefer",
                "jdbc:postgresql://db.example.com/postgres?sslmode=verify-full&sslfactory=org.postgresql.ssl.NonValidatingFactory"
                        + " verify-full"
            })
    void anUnverifiedServerOnAnotherMachineIsARisk(String url, String sslMode) {
        assertThat(FACTORY.mistakesIn(server(url))).isEmpty();
        assertThat(FACTORY.risksIn(server(url))).singleElement().asString().contains("with sslmode=" + sslMode + " ");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db.example.com/postgres?sslmode=verify-full",
        "jdbc:postgresql://db.example.com/postgres?ssl=true",
        "jdbc:postgresql://localhost:5432/postgres",
        "jdbc:postgresql://127.0.0.1/postgres",
        "jdbc:postgresql://[::1]:5432/postgres"
    })
    void aVerifiedServerAndOneOnThisMachineAreNoRisk(String url) {
        assertThat(FACTORY.mistakesIn(server(url))).isEmpty();
        assertThat(FACTORY.risksIn(server(url))).isEmpty();
    }

    @Test
    void anUnknownSslModeIsAMistake() {
        assertThat(FACTORY.mistakesIn(server("jdbc:postgresql://db.example.com/postgres?sslmode=verifyfull")))
                .containsExactly("url: sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full");
    }
}
