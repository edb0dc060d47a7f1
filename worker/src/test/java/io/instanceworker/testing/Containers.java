package io.instanceworker.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;

/**
 * Whether a container can be started, found out quickly and once. Testcontainers itself logs a page of errors where
 * there is no engine, and tries for minutes to pull what cannot be pulled.
 */
final class Containers {

    private static final String SWITCH = "INSTANCE_WORKER_TEST_CONTAINERS";

    /** The helper that Testcontainers starts first, in the version of its 2.0.5; without it nothing else starts. */
    private static final String RYUK = "testcontainers/ryuk:0.14.0";

    private static final Map<String, Optional<String>> HINDRANCES = new ConcurrentHashMap<>();

    /** Why the last pull failed. The next would wait for the same network. */
    @Nullable private static volatile String pullFailure;

    private Containers() {}

    /** What speaks against a container of this image, in words for a person; empty if nothing does. */
    static Optional<String> hindrance(String image) {
        return HINDRANCES.computeIfAbsent(image, each -> find(each, true));
    }

    /** The same, for an image that must be there already. */
    static Optional<String> hindranceWithoutPull(String image) {
        return HINDRANCES.computeIfAbsent(image, each -> find(each, false));
    }

    /** Makes this the hindrance from now on: what failed once would fail again, after the same wait. */
    static Optional<String> giveUpOn(String image, String why) {
        HINDRANCES.put(image, Optional.of(why));
        return Optional.of(why);
    }

    private static Optional<String> find(String image, boolean mayPull) {
        if (System.getenv().getOrDefault(SWITCH, "on").equals("off")) {
            return Optional.of(SWITCH + " is off");
        }
        if (!isEngineLikely()) {
            return Optional.of("no Docker engine");
        }
        DockerClient docker;
        try {
            // Not client(), which starts the helper.
            docker = DockerClientProviderStrategy.getClientForConfig(
                    DockerClientFactory.instance().getTransportConfig());
        } catch (IllegalStateException e) {
            return Optional.of("the Docker engine does not answer");
        }
        boolean withRyuk = !Boolean.parseBoolean(System.getenv("TESTCONTAINERS_RYUK_DISABLED"));
        return Stream.of(image, RYUK)
                .filter(each -> withRyuk || !each.equals(RYUK))
                .flatMap(each -> hindranceToGet(docker, each, mayPull).stream())
                .findFirst();
    }

    /** By the places where engines are found; asking Testcontainers costs the page of errors. */
    private static boolean isEngineLikely() {
        if (System.getenv("DOCKER_HOST") != null) {
            return true;
        }
        String home = System.getProperty("user.home");
        return Stream.of(
                        "/var/run/docker.sock",
                        System.getenv().getOrDefault("XDG_RUNTIME_DIR", home) + "/docker.sock",
                        home + "/.docker/run/docker.sock",
                        home + "/.docker/desktop/docker.sock",
                        home + "/.testcontainers.properties")
                .anyMatch(place -> Files.exists(Path.of(place)));
    }

    private static Optional<String> hindranceToGet(DockerClient docker, String image, boolean mayPull) {
        DockerImageName name = ImageNameSubstitutor.instance().apply(DockerImageName.parse(image));
        try {
            docker.inspectImageCmd(name.asCanonicalNameString()).exec();
            return Optional.empty();
        } catch (NotFoundException absent) {
            if (!mayPull) {
                return Optional.of(name + " is not here, and is not pulled");
            }
            if (pullFailure == null) {
                System.out.println("[test servers] pulling " + name);
                pullFailure = ImagePull.tryOnce(docker, name).orElse(null);
            }
            return Optional.ofNullable(pullFailure).map(why -> name + " is not here and cannot be pulled: " + why);
        }
    }
}
