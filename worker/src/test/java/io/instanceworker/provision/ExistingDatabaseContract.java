package io.instanceworker.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.AddInstance;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceLock;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.Leftover;
import io.instanceworker.contracts.provision.LockRequest;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.contracts.provision.TrashInstance;
import io.instanceworker.contracts.provision.TrashMark;
import io.instanceworker.contracts.provision.TrashedInstance;
import io.instanceworker.contracts.result.InstanceInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The part of {@link ProvisionerContract} about databases that are there: they are adopted, or deleted and restored. */
abstract class ExistingDatabaseContract {

    private static final List<String> ROWS = List.of("Grand Bend", "Glendale");
    private static final Duration A_DAY = Duration.ofDays(1);

    /** Shorter than any age. */
    private static final Duration AT_ONCE = Duration.ofSeconds(-1);

    private static void refuse() {
        throw new IllegalStateException("the journal says no");
    }

    protected EngineFixture bench;
    protected InstanceProvisioner provisioner;

    protected abstract EngineFixture openBench();

    @BeforeEach
    void open() {
        bench = openBench();
        provisioner = bench.provisioner();
    }

    @AfterEach
    void close() {
        provisioner.close();
        bench.close();
    }

    protected static OwnershipMark mark(String jobId) {
        return new OwnershipMark(
                "42", "tenant1", jobId, Operation.ADD, "Minimal", null, Instant.parse("2026-11-20T10:00:00.125Z"));
    }

    protected InstanceLock lock(String... exclusive) {
        return provisioner
                .tryLock(new LockRequest(Set.of(exclusive), Set.of()), step -> {})
                .orElseThrow();
    }

    protected InstanceStatus add(String databaseName, String template, OwnershipMark mark) {
        try (InstanceLock lock = lock(databaseName)) {
            provisioner.addInstance(lock, new AddInstance(databaseName, template, mark), () -> {});
            return provisioner.instanceStatus(databaseName);
        }
    }

    protected InstanceStatus delete(String databaseName) {
        try (InstanceLock lock = lock(databaseName)) {
            provisioner.deleteInstance(lock, databaseName);
            return provisioner.instanceStatus(databaseName);
        }
    }

    private void adopt(String databaseName, Runnable atCommit) {
        OwnershipMark mark =
                new OwnershipMark("42", "tenant1", "adopt", Operation.ADOPT, null, null, mark("").createdAt());
        try (InstanceLock lock = lock(databaseName)) {
            provisioner.adoptInstance(lock, databaseName, mark, atCommit);
        }
    }

    /** @return the name in the trash */
    protected String trash(String databaseName) {
        return trash(databaseName, () -> {});
    }

    private String trash(String databaseName, Runnable atCommit) {
        String name = provisioner.nameRules().trashName(databaseName, Instant.now());
        try (InstanceLock lock = lock(databaseName)) {
            provisioner.trashInstance(lock, new TrashInstance(databaseName, name, "42", "tenant1", "delete"), atCommit);
        }
        return name;
    }

    protected void restore(String trashName) {
        restore(trashed(trashName), () -> {});
    }

    private void restore(TrashedInstance trashed, Runnable atCommit) {
        try (InstanceLock lock = lock(trashed.mark().databaseName())) {
            provisioner.restoreInstance(lock, trashed, atCommit);
        }
    }

    private TrashedInstance trashed(String trashName) {
        return provisioner.trash().stream()
                .filter(each -> each.databaseName().equals(trashName))
                .findFirst()
                .orElseThrow();
    }

    private void requireTrash() {
        Assumptions.assumeTrue(bench.hasTrash(), "This server has no trash");
    }

    @Test
    void anAdoptedDatabaseGetsItsMarkAndNothingElse() {
        bench.makeDatabase("by_hand", ROWS);
        InstanceStatus before = provisioner.instanceStatus("by_hand");

        adopt("by_hand", () -> {});

        InstanceStatus after = provisioner.instanceInfo("by_hand");
        assertThat(after.identity()).isEqualTo(before.identity()).isNotNull();
        assertThat(after.state()).isEqualTo(InstanceState.ONLINE);
        assertThat(after.info().origin())
                .isEqualTo(new InstanceInfo.Origin(mark("").createdAt(), "adopt", Operation.ADOPT, null, null));
        assertThat(bench.rows("by_hand")).isEqualTo(ROWS);
        assertThat(bench.databases()).containsExactly("by_hand");
        assertThat(delete("by_hand").state()).isEqualTo(InstanceState.NOT_FOUND);
    }

    @Test
    void aDatabaseWithAMarkIsNotAdopted() {
        add("ods_a", null, mark("job-1"));
        assertCode(ErrorCode.INSTANCE_CONFLICT, () -> adopt("ods_a", () -> {}));
        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-1"));
    }

    @Test
    void anAdoptThatFailsAtTheCommitLeavesNoMark() {
        bench.makeDatabase("by_hand", ROWS);
        assertThatThrownBy(() -> adopt("by_hand", ExistingDatabaseContract::refuse))
                .hasMessage("the journal says no");
        assertThat(provisioner.instanceStatus("by_hand").mark()).isNull();
        adopt("by_hand", () -> {});
        assertThat(provisioner.instanceStatus("by_hand").mark()).isNotNull();
    }

    @Test
    void aDatabaseInTheTrashIsListedOnlyThereAndComesBackAsItWas() {
        requireTrash();
        add("ods_a", null, mark("job-1"));
        bench.addRow("ods_a", "kept");

        String name = trash("ods_a");

        assertThat(name).startsWith(DatabaseNameRules.TRASH_PREFIX).endsWith("_ods_a");
        assertThat(provisioner.instanceStatus("ods_a").state()).isEqualTo(InstanceState.NOT_FOUND);
        assertThat(provisioner.instances()).isEmpty();
        assertThat(provisioner.leftovers()).isEmpty();
        assertThat(bench.databases()).containsExactly(name);
        assertThat(provisioner.trash()).singleElement().satisfies(each -> {
            assertThat(each.mark())
                    .isEqualTo(new TrashMark(
                            "42",
                            "tenant1",
                            "ods_a",
                            "delete",
                            each.mark().deletedAt(),
                            each.mark().comment()));
            assertThat(each.mark().deletedAt())
                    .isBetween(Instant.now().minus(A_DAY), Instant.now().plus(A_DAY));
            assertThat(each.age()).isBetween(Duration.ZERO, A_DAY);
        });

        restore(name);

        assertThat(provisioner.verifyInstance("ods_a"))
                .returns(InstanceState.ONLINE, InstanceStatus::state)
                .returns(mark("job-1"), InstanceStatus::mark);
        assertThat(bench.rows("ods_a")).containsExactly("kept");
        assertThat(bench.databases()).containsExactly("ods_a");
        assertThat(provisioner.trash()).isEmpty();
    }

    @Test
    void anUnmanagedDatabaseComesBackWithoutAMark() {
        requireTrash();
        bench.makeDatabase("by_hand", ROWS);
        restore(trash("by_hand"));
        assertThat(provisioner.instanceStatus("by_hand"))
                .returns(null, InstanceStatus::mark)
                .returns(false, InstanceStatus::markUnreadable);
        assertThat(bench.rows("by_hand")).isEqualTo(ROWS);
    }

    @Test
    void aDatabaseIsNotRestoredOverAnother() {
        requireTrash();
        add("ods_a", null, mark("job-1"));
        bench.addRow("ods_a", "deleted");
        String name = trash("ods_a");
        add("ods_a", null, mark("job-2"));

        assertCode(ErrorCode.INSTANCE_CONFLICT, () -> restore(name));

        assertThat(provisioner.instanceStatus("ods_a").mark()).isEqualTo(mark("job-2"));
        delete("ods_a");
        restore(name);
        assertThat(bench.rows("ods_a")).containsExactly("deleted");
    }

    @Test
    void aFailureAtTheCommitLeavesADatabaseWhereItWas() {
        requireTrash();
        add("ods_a", null, mark("job-1"));

        assertThatThrownBy(() -> trash("ods_a", ExistingDatabaseContract::refuse))
                .hasMessage("the journal says no");
        assertThat(provisioner.verifyInstance("ods_a").mark()).isEqualTo(mark("job-1"));
        assertThat(provisioner.trash()).isEmpty();

        String name = trash("ods_a");
        assertThatThrownBy(() -> restore(trashed(name), ExistingDatabaseContract::refuse))
                .hasMessage("the journal says no");
        assertThat(bench.databases()).containsExactly(name);
        restore(name);
        assertThat(provisioner.verifyInstance("ods_a").mark()).isEqualTo(mark("job-1"));
    }

    /** Whatever is called with its name, and by whatever a crash leaves beside it. */
    @Test
    void onlyTheEndOfItsRetentionDropsADatabaseInTheTrash() {
        requireTrash();
        add("ods_a", null, mark("job-1"));
        String name = trash("ods_a");
        TrashedInstance trashed = trashed(name);
        TrashMark mark = trashed.mark();

        try (InstanceLock lock = lock("ods_a", name)) {
            provisioner.deleteInstance(lock, "ods_a");
            assertCode(ErrorCode.PROTECTED_DATABASE, () -> provisioner.deleteInstance(lock, name));
            provisioner.removeLeftovers(lock, "ods_a");
            provisioner.removeLeftovers(lock, name);
            assertThat(provisioner.dropTrashed(trashed, AT_ONCE))
                    .as("a job has the lock")
                    .isFalse();
        }
        assertThat(provisioner.removeLeftover(new Leftover(name, A_DAY))).isFalse();
        assertThat(provisioner.dropTrashed(trashed, A_DAY))
                .as("it is too young")
                .isFalse();
        TrashMark older = new TrashMark(
                "42", "tenant1", "ods_a", "delete", mark.deletedAt().minus(A_DAY), mark.comment());
        assertThat(provisioner.dropTrashed(
                        new TrashedInstance(name, trashed.state(), older, A_DAY), Duration.ofHours(1)))
                .as("it has another mark")
                .isFalse();
        assertThat(bench.databases()).containsExactly(name);

        assertThat(provisioner.dropTrashed(trashed, AT_ONCE)).isTrue();
        assertThat(bench.databases()).isEmpty();
        assertThat(provisioner.dropTrashed(trashed, AT_ONCE)).as("it is gone").isFalse();
    }

    @Test
    void aDatabaseThatIsRestoredIsNotDropped() {
        requireTrash();
        add("ods_a", null, mark("job-1"));
        TrashedInstance trashed = trashed(trash("ods_a"));
        restore(trashed.databaseName());
        assertThat(provisioner.dropTrashed(trashed, AT_ONCE)).isFalse();
        delete("ods_a");
        assertCode(ErrorCode.INSTANCE_NOT_FOUND, () -> restore(trashed, () -> {}));
    }

    @Test
    void aServerWithoutATrashLeavesTheDatabaseAsItIs() {
        Assumptions.assumeFalse(bench.hasTrash(), "This server has a trash");
        add("ods_a", null, mark("job-1"));
        assertCode(ErrorCode.UNSUPPORTED_BY_SERVER, () -> trash("ods_a"));
        assertThat(provisioner.verifyInstance("ods_a").mark()).isEqualTo(mark("job-1"));
        assertThat(provisioner.trash()).isEmpty();
    }

    protected static void assertCode(ErrorCode code, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        ProvisioningException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
