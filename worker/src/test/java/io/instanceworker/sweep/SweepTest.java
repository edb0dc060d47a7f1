package io.instanceworker.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.provision.Servers;
import io.instanceworker.provision.ServersFactory;
import io.instanceworker.provision.fake.FailingProvisioner;
import io.instanceworker.provision.fake.InMemoryFactory;
import io.instanceworker.provision.fake.InMemoryProvisioner;
import io.instanceworker.settings.SettingsReader;
import io.instanceworker.settings.WorkerProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** One round, on fake engines. */
class SweepTest {

    private static final Duration OLD = Duration.ofHours(2);
    private static final Duration YOUNG = Duration.ofMinutes(59);

    private final FailingProvisioner first = new FailingProvisioner(new InMemoryProvisioner());
    private final FailingProvisioner second = new FailingProvisioner(new InMemoryProvisioner());
    private final List<String> outcomes = new ArrayList<>();
    private Servers servers;

    private Sweep sweep(String... settings) {
        Map<String, Object> properties = new HashMap<>();
        for (String name : List.of("first", "second")) {
            properties.put("instance-worker.servers." + name + ".platform", "memory-" + name);
            properties.put("instance-worker.servers." + name + ".url", "memory:");
            properties.put("instance-worker.servers." + name + ".max-concurrent-jobs", "1");
        }
        for (String setting : settings) {
            properties.put("instance-worker.sweep." + setting, "true");
        }
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
        WorkerProperties read = SettingsReader.read(environment, new ArrayList<>());
        servers = new ServersFactory(
                        read,
                        List.of(
                                new InMemoryFactory("memory-first", first),
                                new InMemoryFactory("memory-second", second)),
                        new ArrayList<>())
                .create((server, password) -> () -> password)
                .start();
        return new Sweep(servers, read.sweep(), (server, outcome) -> outcomes.add(server + " " + outcome));
    }

    @Test
    void theSweepRemovesOldLeftoversOnEveryServer() {
        first.memory().leave("ods_a", OLD);
        String young = first.memory().leave("ods_b", YOUNG);
        second.memory().leave("ods_c", OLD);

        sweep().round();

        assertThat(first.memory().left()).containsExactly(young);
        assertThat(second.memory().left()).isEmpty();
        assertThat(outcomes).containsExactly("first REMOVED", "second REMOVED");
    }

    @Test
    void aDryRunRemovesNothing() {
        String left = first.memory().leave("ods_a", OLD);
        sweep("dry-run").round();
        assertThat(first.memory().left()).containsExactly(left);
        assertThat(outcomes).containsExactly("first WOULD_REMOVE");
    }

    @Test
    void aLeftoverWithALockedJobIsRemovedInALaterRound() {
        String left = first.memory().leave("ods_a", OLD);
        Sweep sweep = sweep();
        try (InstanceLock lock = first.tryLock(new LockRequest(Set.of("ods_a"), Set.of()), step -> {})
                .orElseThrow()) {
            assertThat(lock).isNotNull();
            sweep.round();
        }
        assertThat(first.memory().left()).containsExactly(left);
        sweep.round();
        assertThat(first.memory().left()).isEmpty();
        assertThat(outcomes).containsExactly("first BUSY", "first REMOVED");
    }

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new ProvisioningException(ErrorCode.SERVER_UNAVAILABLE, "down"),
                new IllegalStateException("a defect of the engine"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aServerThatFailsDelaysNoOtherAndIsTriedAgain(RuntimeException failure) {
        first.memory().leave("ods_a", OLD);
        second.memory().leave("ods_b", OLD);
        Sweep sweep = sweep();
        first.failAll(failure);
        sweep.round();
        first.failAll(null);
        sweep.round();
        assertThat(first.memory().left()).isEmpty();
        assertThat(outcomes).containsExactly("first FAILED", "second REMOVED", "first REMOVED");
    }

    @Test
    void onlyWhatIsOlderThanItsRetentionIsDroppedFromTheTrash() {
        String old = trash("ods_a", Duration.ofDays(7).plusSeconds(1));
        String young = trash("ods_b", Duration.ofDays(6));
        sweep("dry-run").round();
        assertThat(first.memory().databases()).containsOnlyKeys(old, young);

        sweep().round();

        assertThat(first.memory().databases()).containsOnlyKeys(young);
        assertThat(outcomes).containsExactly("first WOULD_REMOVE", "first REMOVED");
    }

    private String trash(String databaseName, Duration age) {
        InMemoryProvisioner memory = first.memory();
        memory.databases().put(databaseName, new InMemoryProvisioner.Database());
        String name = memory.nameRules().trashName(databaseName, Instant.now());
        memory.clock(() -> Instant.now().minus(age));
        try (InstanceLock lock = memory.tryLock(new LockRequest(Set.of(databaseName), Set.of()), step -> {})
                .orElseThrow()) {
            memory.trashInstance(lock, new TrashInstance(databaseName, name, "1", null, "delete"), () -> {});
        }
        memory.clock(Instant::now);
        return name;
    }

    @Test
    void aStoppedSweepRemovesNothing() {
        String left = first.memory().leave("ods_a", OLD);
        Sweep sweep = sweep();
        sweep.stop();
        sweep.round();
        assertThat(first.memory().left()).containsExactly(left);
        assertThat(first.calls()).isZero();
    }
}
