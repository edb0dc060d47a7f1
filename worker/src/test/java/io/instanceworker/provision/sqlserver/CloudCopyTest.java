package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.CopyInstance;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.StillRunningException;
import io.instanceworker.provision.sqlserver.fake.FakeSqlServer;
import io.instanceworker.provision.sqlserver.fake.Options;
import io.instanceworker.provision.sqlserver.fake.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Copies on a fake server that a cloud hosts, where a job comes and goes while the server works. */
abstract class CloudCopyTest {

    static final List<String> ROWS = List.of("Grand Bend", "Glendale");

    final FakeSqlServer server;
    final SqlServerFixture fixture;
    final InstanceProvisioner provisioner;

    CloudCopyTest(Platform form) {
        server = new FakeSqlServer(Options.standard().on(form));
        fixture = new SqlServerFixture(TestServer.fake(server));
        provisioner = fixture.provisioner();
    }

    @BeforeEach
    void makeTheSource() {
        fixture.makeTemplate("source", ROWS);
    }

    @AfterEach
    void closeTheServer() {
        provisioner.close();
        fixture.close();
    }

    /** The session of a job whose connection was cut may hold its locks for a moment. */
    static InstanceLock lock(InstanceProvisioner on, String name) {
        LockRequest request = new LockRequest(Set.of(name), Set.of());
        return await().until(() -> on.tryLock(request, step -> {}), Optional::isPresent)
                .orElseThrow();
    }

    static OwnershipMark mark(String jobId) {
        return new OwnershipMark(
                "42", "tenant1", jobId, Operation.COPY, null, "source", Instant.parse("2026-11-20T10:00:00Z"));
    }

    /** One call of a job, as a delivery makes it. */
    static void call(InstanceProvisioner on, String jobId, String target, String source) {
        try (InstanceLock lock = lock(on, target)) {
            on.copyInstance(lock, new CopyInstance(target, source, false, mark(jobId)), () -> {});
        }
    }

    void call() {
        call(provisioner, "job-1", "ods_a", "source");
    }

    static void assertWaits(String reason, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StillRunningException.class).hasMessageContaining(reason);
    }

    /** Makes the rows of all copies older by this many seconds. */
    void age(String seconds) {
        fixture.changeJournal(
                "UPDATE dbo.backup_file SET created_at = DATEADD(second, -" + seconds + ", SYSDATETIMEOFFSET())");
    }
}
