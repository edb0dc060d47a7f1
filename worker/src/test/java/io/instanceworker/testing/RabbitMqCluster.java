package io.instanceworker.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Several nodes of the machine's own RabbitMQ that are one broker. Each can be killed and started again. */
public final class RabbitMqCluster implements AutoCloseable {

    private static final String BOOTED = "Server startup complete";

    private final TempFolder folder = TempFolder.create("epmd");
    private final List<LocalRabbitMq> nodes = new ArrayList<>();

    private RabbitMqCluster() {}

    /** Starts all nodes at once; returns when each is up, to the last step, and knows all others. */
    public static RabbitMqCluster start(int size) {
        RabbitMqCluster cluster = new RabbitMqCluster();
        try {
            cluster.configure(size);
            cluster.nodes.forEach(LocalRabbitMq::launch);
            for (LocalRabbitMq node : cluster.nodes) {
                node.awaitReady();
                Ready.await("cluster", node::isRunning, node::log, () -> cluster.checkComplete(node));
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void configure(int size) {
        String word = Login.randomWord();
        Login login = LocalRabbitMq.newLogin();
        Map<String, String> settings = new HashMap<>();
        settings.put("cluster_formation.peer_discovery_backend", "classic_config");
        for (int i = 1; i <= size; i++) {
            settings.put("cluster_formation.classic_config.nodes." + i, nodeName(word, i));
        }
        Epmd epmd = Epmd.start(folder.resolve("epmd.log"));
        for (int i = 1; i <= size; i++) {
            nodes.add(LocalRabbitMq.configured(nodeName(word, i), login, word, epmd, settings));
        }
    }

    private static String nodeName(String word, int number) {
        return "test-" + word + "-" + number + "@localhost";
    }

    private void checkComplete(LocalRabbitMq node) {
        if (node.management()
                        .read("/nodes")
                        .valueStream()
                        .filter(each -> each.path("running").asBoolean(false))
                        .count()
                != nodes.size()) {
            throw new IllegalStateException(node + " does not see all nodes");
        }
        // A virtual host that is created while a node takes the last steps is never started there, and never answered.
        if (!node.log().contains(BOOTED)) {
            throw new IllegalStateException(node + " has not started completely");
        }
    }

    /** A virtual host that nobody else uses, until it is closed. */
    public VirtualHost createVirtualHost(String prefix) {
        return new VirtualHost(nodes, nodes.get(0).createVirtualHost(prefix).name());
    }

    /** The node that leads a quorum queue, as the management API says it. */
    public RabbitMqServer leader(VirtualHost host, String queue) {
        String leader = host.server()
                .management()
                .queue(host.name(), queue)
                .path("leader")
                .asString("none yet");
        return nodes.stream()
                .filter(node -> node.nodeName().equals(leader))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No node leads " + queue + ": " + leader));
    }

    @Override
    public void close() {
        nodes.forEach(LocalRabbitMq::close);
        folder.close();
    }
}
