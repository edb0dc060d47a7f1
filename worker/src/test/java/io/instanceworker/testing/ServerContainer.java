package io.instanceworker.testing;

import com.github.dockerjava.api.DockerClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/** A container whose server may be stopped and started again, which Testcontainers does not foresee. */
final class ServerContainer extends GenericContainer<ServerContainer> {

    private static final Duration END = Duration.ofMinutes(1);

    /** The ports of the host are ours to choose: an engine takes others when it starts a container again. */
    ServerContainer(String image, Map<Integer, Integer> portsByContainerPort, Map<String, String> environment) {
        super(image);
        withEnv(environment);
        setPortBindings(portsByContainerPort.entrySet().stream()
                .map(ports -> ports.getValue() + ":" + ports.getKey())
                .toList());
        // The fixtures ask the server itself.
        waitingFor(new AbstractWaitStrategy() {
            @Override
            protected void waitUntilReady() {}
        });
    }

    void end(String signal) {
        docker().killContainerCmd(getContainerId()).withSignal(signal).exec();
        Awaitility.await("the end of " + getDockerImageName()).atMost(END).until(() -> !isRunning());
    }

    void startAgain() {
        docker().startContainerCmd(getContainerId()).exec();
    }

    String lastWords() {
        List<String> lines = getLogs().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    private static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }
}
