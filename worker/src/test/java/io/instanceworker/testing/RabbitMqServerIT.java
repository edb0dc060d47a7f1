package io.instanceworker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.instanceworker.testing.ManagementApi.AckMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RabbitMqServerIT {

    @Test
    void eachTestClassHasItsOwnVirtualHost() throws Exception {
        RabbitMqServer server = Servers.rabbit();
        try (VirtualHost one = server.createVirtualHost("one/with a slash");
                VirtualHost other = server.createVirtualHost("other")) {
            declare(one, "jobs");

            one.server().management().publish(one.name(), "", "jobs", "{\"operation\": \"Info\"}");

            assertThat(one.ready("jobs")).isEqualTo(1);
            assertThatThrownBy(() -> other.ready("jobs")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> server.management().queue(other.name(), "jobs"))
                    .hasMessageContaining("404");
        }
    }

    @Test
    void aVirtualHostIsRemovedWithItsQueues() throws Exception {
        VirtualHost host = Servers.rabbit().createVirtualHost("gone");
        declare(host, "jobs");

        host.close();

        assertThat(Servers.rabbit().management().read("/vhosts").valueStream())
                .noneMatch(each -> each.get("name").asString().equals(host.name()));
    }

    @Test
    void messagesArePublishedAndReadThroughTheManagementApi() throws Exception {
        ManagementApi management = Servers.rabbit().management();
        try (VirtualHost host = Servers.rabbit().createVirtualHost("page")) {
            declare(host, "jobs");
            byte[] notUtf8 = {(byte) 0xff, 0, 1};

            management.publish(host.name(), "", "jobs", "Zürich", Map.of("reply_to", "answers"));
            management.publish(host.name(), "", "jobs", notUtf8, Map.of("headers", Map.of("attempt", 2)));

            await().until(() -> management.depth(host.name(), "jobs") == 2);
            assertThat(host.ready("jobs")).isEqualTo(2);
            assertThat(management.get(host.name(), "jobs", 10, AckMode.ACK_REQUEUE_TRUE))
                    .hasSize(2);
            List<QueuedMessage> messages = management.get(host.name(), "jobs", 10, AckMode.ACK_REQUEUE_FALSE);
            assertThat(messages.get(0).text()).isEqualTo("Zürich");
            assertThat(messages.get(0).properties().get("delivery_mode").asInt())
                    .isEqualTo(2);
            assertThat(messages.get(0).properties().get("reply_to").asString()).isEqualTo("answers");
            assertThat(messages.get(0).redelivered()).isTrue();
            assertThat(messages.get(1).bytes()).isEqualTo(notUtf8);
            assertThat(messages.get(1).properties().at("/headers/attempt").asInt())
                    .isEqualTo(2);
            assertThat(host.ready("jobs")).isZero();
        }
    }

    @Test
    void publishingAnUnroutableMessageFails() {
        try (VirtualHost host = Servers.rabbit().createVirtualHost("nowhere")) {
            assertThatThrownBy(() -> host.server().management().publish(host.name(), "amq.topic", "a.b", "lost"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("a.b");
        }
    }

    @Test
    void anOwnBrokerHasItsSettingsSurvivesACrashAndLeavesNothingBehind() throws Exception {
        List<ProcessHandle> processes = new ArrayList<>();
        Path folder;
        try (LocalRabbitMq server = LocalRabbitMq.startLocal(Map.of("consumer_timeout", "4567"));
                VirtualHost host = server.createVirtualHost("kept")) {
            folder = server.folder().path();
            server.control("eval", "{ok, 4567} = application:get_env(rabbit, consumer_timeout).");
            assertThatThrownBy(() -> server.control("eval", "true = false.")).hasMessageContaining("badmatch");
            assertThat(server.log()).contains("Server startup complete");
            declare(host, "jobs");
            server.management().publish(host.name(), "", "jobs", "kept");

            server.restart();
            assertThat(host.ready("jobs")).isEqualTo(1);

            server.kill();
            assertThatThrownBy(server::version).isInstanceOf(IllegalStateException.class);
            server.startAgain();
            assertThat(host.ready("jobs")).isEqualTo(1);

            processes.addAll(server.processes());
            assertThat(processes)
                    .filteredOn(each -> !ChildProcess.hasGone(each))
                    .hasSizeGreaterThan(2);
            assertThat(folder).exists();
        }
        assertThat(processes).allMatch(ChildProcess::hasGone);
        assertThat(folder).doesNotExist();
    }

    @Test
    void aGivenBrokerIsUsed() {
        RabbitMqServer server = Servers.rabbit();
        RabbitMqServer given = GivenRabbitMq.of(
                "amqp://" + server.username() + ":" + server.password() + "@" + server.host() + ":" + server.port(),
                server.managementUrl() + "/");

        try (VirtualHost host = given.createVirtualHost("given")) {
            assertThat(given.version()).isEqualTo(server.version());
            assertThat(given.canBeStopped()).isFalse();
            assertThatThrownBy(given::restart).hasMessageContaining("startOwn");
            assertThat(host.springProperties()).containsEntry("spring.rabbitmq.virtual-host", host.name());
        }
    }

    /** Quorum queues, like all queues of the worker. */
    private static void declare(VirtualHost host, String queue) throws Exception {
        try (Connection connection = host.connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
        }
    }
}
