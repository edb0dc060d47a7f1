package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.testing.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Settings as deployments give them, right and wrong. */
class SettingsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String SECRET = "Correct-Horse-4711";

    @Test
    void allMistakesAreReportedAtOnceAndTheWorkerDoesNotStart() {
        e2e.secrets().add(SECRET);
        WorkerProcess worker = e2e.start(e2e.settings()
                .fromPackagedJar()
                .with("instance-worker.servers.default.max-concurrent-jobs", "0")
                .with("instance-worker.servers.default.default-template", "Nowhere")
                .with("instance-worker.servers.default.connection-string", "Host={host};Password=" + SECRET)
                .with("instance-worker.servers.second.platform", "oracle")
                .with("instance-worker.servers.third.platform", "postgresql")
                .with("instance-worker.servers.third.url", "jdbc:postgresql://db/postgres?user=me&password=" + SECRET)
                .with("instance-worker.servers.fourth.platform", "postgresql")
                .with("instance-worker.servers.fourth.url", "jdbc:sqlserver://db;password=" + SECRET)
                .with("instance-worker.servers.fourth.username", "me")
                .with("instance-worker.default-server", "fifth")
                .with("instance-worker.database-name-pattern", "[")
                .with("instance-worker.deadline", SECRET)
                .with("instance-worker.retry.max-attempts", "often")
                .with("instance-worker.servers.default.max-concurrent-queries", "0")
                .with("instance-worker.retry.tiers", "")
                .with("instance-worker.serverz.default.password", SECRET));

        assertThat(worker.awaitEnd()).isEqualTo(1);

        List<String> properties = List.of(
                "instance-worker.servers.default.max-concurrent-jobs",
                "instance-worker.servers.default.default-template",
                "instance-worker.servers.default.connection-string",
                "instance-worker.servers.second.platform",
                "instance-worker.servers.second.url",
                "instance-worker.servers.third.url",
                "instance-worker.servers.third.username",
                "instance-worker.servers.fourth.url",
                "instance-worker.default-server",
                "instance-worker.database-name-pattern",
                "instance-worker.deadline",
                "instance-worker.retry.max-attempts",
                "instance-worker.servers.default.max-concurrent-queries",
                "instance-worker.retry.tiers",
                "instance-worker.serverz.default.password");
        String log = worker.log();
        assertThat(properties).as(log).allMatch(property -> log.contains("\n    " + property + ": "));
        // An operator sees the mistakes alone: not where in our code they were found, and nothing of the web server.
        assertThat(log).doesNotContain("\tat ", "Tomcat", "Starting ");
    }

    @Test
    void theManagementServerListensOnTheLocalAddressUnlessToldOtherwise() throws IOException {
        int other = Ports.free();
        WorkerProcess worker = e2e.start(e2e.settings()
                        .with("server.port", String.valueOf(other))
                        .with("server.address", "127.0.0.2")
                        .environment("INSTANCEWORKER_SERVICE_HOST", "10.0.0.7")
                        .environment("INSTANCEWORKER_PORT_8081_TCP", "tcp://10.0.0.7:8081"))
                .awaitReady();
        assertThat(worker.get("/actuator/prometheus").statusCode()).isEqualTo(200);
        assertThat(worker.get("/actuator/jobs").statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> WorkerProcess.send(worker.request("127.0.0.2", "/actuator/health")))
                .isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> WorkerProcess.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + other + "/actuator/health"))))
                .as("a second port")
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void theManagementServerCanUseTls(@TempDir Path folder) throws Exception {
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storepass",
                        SECRET,
                        "-keystore",
                        keys.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        WorkerProcess worker = e2e.start(e2e.settings()
                .with("management.server.ssl.enabled", "true")
                .with("management.server.ssl.key-store", keys.toString())
                .with("management.server.ssl.key-store-password", SECRET));

        Await.factory("an answer over TLS")
                .ignoreExceptions()
                .until(() -> answerOverTls(worker, keys).statusCode() == 200);

        assertThat(worker.get("/actuator/health").statusCode())
                .as("without TLS")
                .isEqualTo(400);
    }

    private static HttpResponse<String> answerOverTls(WorkerProcess worker, Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance(keys.toFile(), SECRET.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        URI plain = worker.request("127.0.0.1", "/actuator/health/readiness")
                .build()
                .uri();
        return HttpClient.newBuilder()
                .sslContext(tls)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create(plain.toString().replace("http:", "https:")))
                                .build(),
                        BodyHandlers.ofString());
    }

    @Test
    void settingsAreReadFromEnvironmentVariablesAndPasswordsFromFiles(@TempDir Path secrets) throws IOException {
        Files.writeString(
                secrets.resolve("instance-worker.servers.default.password"),
                e2e.login().password() + "\n");
        Files.writeString(
                secrets.resolve("spring.rabbitmq.password"), e2e.host().server().password());
        e2e.databases().createTemplate(e2e.database("tpl"), 2);
        WorkerProcess worker = e2e.start(e2e.settings()
                        .fromPackagedJar()
                        .without("instance-worker.servers.default.password")
                        .without("spring.rabbitmq.password")
                        .template("default", "Minimal", e2e.database("tpl"))
                        .asEnvironmentVariables()
                        .environment("INSTANCE_WORKER_SECRETS", secrets.toString()))
                .awaitReady();
        e2e.events();

        e2e.send(JobJson.of("Add", "from-files", e2e.database("from_files"))
                .server("Default")
                .template("Minimal"));

        Event created = e2e.events().awaitSuccess("from-files");
        assertThat(created.data().get("worker").asString()).isEqualTo(worker.name());
        assertThat(e2e.databases().schools(e2e.database("from_files"))).hasSize(2);
    }
}
